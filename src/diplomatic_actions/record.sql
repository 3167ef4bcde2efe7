{object}(
  'id', action.id,
  'type', action.type,
  'cameo_code', action.cameo_code,
  {response:'goldstein', (select cameo.goldstein from cameo_codes as cameo where cameo.code = action.cameo_code),}
  {response:'quad_class', (select cameo.quad_class from cameo_codes as cameo where cameo.code = action.cameo_code),}
  'modality', action.modality,
  'title', action.title,
  'summary', action.summary,
  'reason', action.reason,
  'condition', action.condition,
  'channel', action.channel,
  'place', action.place,
  'latitude', action.latitude,
  'longitude', action.longitude,
  'countries', (
    select coalesce({list}(country.code order by country.position), '[]')
    from action_countries as country
    where country.action_id = action.id
  ),
  'occurred_on', action.occurred_on,
  'ended_on', action.ended_on,
  'ongoing', action.ongoing,
  'fatalities_min', action.fatalities_min,
  'fatalities_max', action.fatalities_max,
  'persons_min', action.persons_min,
  'persons_max', action.persons_max,
  'participants', (
    select coalesce({list}({object}(
      'role', participant.role,
      'actor', {actor:participant.actor_id}
    ) order by participant.position), '[]')
    from action_participants as participant
    where participant.action_id = action.id
  ),
  'links', (
    select coalesce({list}({object}(
      'kind', link.kind,
      'action', {action:link.linked_action_id}
    ) order by link.position), '[]')
    from action_links as link
    where link.action_id = action.id
  ),
  {response:'linked_from', (
    select coalesce(json_agg(json_build_object(
      'kind', link.kind,
      'action', json_build_object('id', linking.id, 'title', linking.title)
    ) order by coalesce(partial_date_sort_day(linking.occurred_on), 'infinity'), linking.id, link.position), '[]')
    from action_links_to(action.id) as link
    join diplomatic_actions as linking on linking.id = link.action_id
  ),}
  'claim_status', action.claim_status,
  'citations', {citations},
  'properties', action.properties,
  'external_keys', {external_keys},
  'version', action.version,
  'created_at', {time:action.created_at},
  'updated_at', {time:action.updated_at}
)
