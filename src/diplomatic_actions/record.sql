json_build_object(
  'id', action.id,
  'type', action.type,
  'cameo_code', action.cameo_code,
  'goldstein', (select cameo.goldstein from cameo_codes as cameo where cameo.code = action.cameo_code),
  'quad_class', (select cameo.quad_class from cameo_codes as cameo where cameo.code = action.cameo_code),
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
    select coalesce(json_agg(country.code order by country.position), '[]')
    from action_countries as country
    where country.action_id = action.id
  ),
  'occurred_on', action.occurred_on,
  'ended_on', action.ended_on,
  'ongoing', action.ongoing,
  'fatalities_min', action.fatalities_min,
  'fatalities_max', action.fatalities_max,
  'participants', (
    select coalesce(json_agg(json_build_object(
      'role', participant.role,
      'actor', json_build_object('id', actor.id, 'name', actor.name, 'kind', actor.kind)
    ) order by participant.position), '[]')
    from action_participants as participant
    join actors as actor on actor.id = participant.actor_id
    where participant.action_id = action.id
  ),
  'links', (
    select coalesce(json_agg(json_build_object(
      'kind', link.kind,
      'action', json_build_object('id', linked.id, 'title', linked.title)
    ) order by link.position), '[]')
    from action_links as link
    join diplomatic_actions as linked on linked.id = link.linked_action_id
    where link.action_id = action.id
  ),
  'claim_status', action.claim_status,
  'citations', {citations},
  'properties', action.properties,
  'external_keys', {external_keys},
  'version', action.version,
  'created_at', action.created_at,
  'updated_at', action.updated_at
)
