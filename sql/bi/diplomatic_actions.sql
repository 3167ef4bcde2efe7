create view bi.diplomatic_actions as
select
  action.id as action_id,
  action.type,
  type.label as type_label,
  action.cameo_code,
  cameo.label as cameo_label,
  cameo.root as cameo_root,
  root.label as cameo_root_label,
  cameo.quad_class,
  case cameo.quad_class
    when 1 then 'Verbal cooperation'
    when 2 then 'Material cooperation'
    when 3 then 'Verbal conflict'
    when 4 then 'Material conflict'
  end as quad_class_label,
  cameo.goldstein,
  action.modality::text as modality,
  action.claim_status::text as claim_status,
  action.modality = 'actual' and action.claim_status not in ('denied', 'retracted') as counts_as_event,
  action.title,
  action.summary,
  action.reason,
  action.condition,
  action.channel,
  action.place,
  action.latitude,
  action.longitude,
  (
    select string_agg(actor.name, ';' order by participant.position)
    from action_participants as participant
    join actors as actor on actor.id = participant.actor_id
    where participant.action_id = action.id and participant.role = 'initiator'
  ) as initiators,
  (
    select string_agg(actor.name, ';' order by participant.position)
    from action_participants as participant
    join actors as actor on actor.id = participant.actor_id
    where participant.action_id = action.id and participant.role = 'target'
  ) as targets,
  (
    select count(*) filter (where participant.role = 'initiator') > 1 and count(*) filter (where participant.role = 'target') = 0
    from action_participants as participant
    where participant.action_id = action.id
  ) as joint,
  (
    select string_agg(country.code, ';' order by country.position)
    from action_countries as country
    where country.action_id = action.id
  ) as country_codes,
  action.occurred_on::text as occurred_on,
  nullif(action.occurred_on_earliest, '-infinity') as occurred_on_earliest,
  nullif(action.occurred_on_latest, 'infinity') as occurred_on_latest,
  partial_date_precision(action.occurred_on) as occurred_on_precision,
  -- Not extract, which computes in numeric and takes half as long again.
  date_part('year', coalesce(nullif(action.occurred_on_earliest, '-infinity'), action.occurred_on_latest))::integer as occurred_year,
  action.ended_on::text as ended_on,
  nullif(action.ended_on_earliest, '-infinity') as ended_on_earliest,
  nullif(action.ended_on_latest, 'infinity') as ended_on_latest,
  partial_date_precision(action.ended_on) as ended_on_precision,
  action.ongoing,
  action.fatalities_min,
  action.fatalities_max,
  action.persons_min,
  action.persons_max,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.action_id = action.id and citation.stance = 'supports'
  ) as best_grade,
  (
    select count(distinct citation.source_id)
    from citations as citation
    where citation.action_id = action.id
  ) as source_count,
  action.created_at,
  action.updated_at
from diplomatic_actions as action
left join action_types as type on type.code = action.type
left join (
  cameo_codes as cameo
  left join cameo_codes as root on root.code = cameo.root
) on cameo.code = action.cameo_code;
comment on view bi.diplomatic_actions is 'Diplomatic actions: what actors did, to or with others; one row per action';
comment on column bi.diplomatic_actions.action_id is 'Id of the action';
comment on column bi.diplomatic_actions.type is 'Type of the action, as a code of action_types';
comment on column bi.diplomatic_actions.type_label is 'Label of the type';
comment on column bi.diplomatic_actions.cameo_code is 'CAMEO event code';
comment on column bi.diplomatic_actions.cameo_label is 'Label of the CAMEO event code';
comment on column bi.diplomatic_actions.cameo_root is 'The first two digits of the CAMEO code, 01 to 20';
comment on column bi.diplomatic_actions.cameo_root_label is 'Label of the CAMEO root';
comment on column bi.diplomatic_actions.quad_class is '1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict';
comment on column bi.diplomatic_actions.quad_class_label is 'The quad class, in words';
comment on column bi.diplomatic_actions.goldstein is 'Goldstein score, from -10 (most conflictual) to 10 (most cooperative)';
comment on column bi.diplomatic_actions.modality is 'Whether the action took place (actual), or is alleged, planned, threatened or hypothetical';
comment on column bi.diplomatic_actions.claim_status is 'How far the claim is established';
comment on column bi.diplomatic_actions.counts_as_event is 'True if the action is actual, and neither denied nor retracted; other actions are not counted as events';
comment on column bi.diplomatic_actions.title is 'Title of the action';
comment on column bi.diplomatic_actions.summary is 'Summary of the action, in a few sentences';
comment on column bi.diplomatic_actions.reason is 'The stated reason';
comment on column bi.diplomatic_actions.condition is 'The stated condition for ending it';
comment on column bi.diplomatic_actions.channel is 'Channel through which it was said or done';
comment on column bi.diplomatic_actions.place is 'Place, in words';
comment on column bi.diplomatic_actions.latitude is 'Latitude, in degrees north';
comment on column bi.diplomatic_actions.longitude is 'Longitude, in degrees east';
comment on column bi.diplomatic_actions.initiators is 'Names of the initiators, joined by ; (one row for each in action_participants)';
comment on column bi.diplomatic_actions.targets is 'Names of the targets, joined by ; (one row for each in action_participants)';
comment on column bi.diplomatic_actions.joint is 'True if the action has several initiators and no target, as an agreement has: then it is an act of each initiator towards each of the others';
comment on column bi.diplomatic_actions.country_codes is 'Codes of the action''s countries, joined by ; (one row for each in action_countries)';
comment on column bi.diplomatic_actions.occurred_on is 'When it took place or began, as written';
comment on column bi.diplomatic_actions.occurred_on_earliest is 'First day that occurred_on may mean; null if open';
comment on column bi.diplomatic_actions.occurred_on_latest is 'Last day that occurred_on may mean; null if its end is open';
comment on column bi.diplomatic_actions.occurred_on_precision is 'Precision of occurred_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.diplomatic_actions.occurred_year is 'Year of occurred_on_earliest, or of occurred_on_latest if that is open';
comment on column bi.diplomatic_actions.ended_on is 'When it ended, as written';
comment on column bi.diplomatic_actions.ended_on_earliest is 'First day that ended_on may mean; null if open';
comment on column bi.diplomatic_actions.ended_on_latest is 'Last day that ended_on may mean; null if its end is open';
comment on column bi.diplomatic_actions.ended_on_precision is 'Precision of ended_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.diplomatic_actions.ongoing is 'Whether the action was going on at the last report';
comment on column bi.diplomatic_actions.fatalities_min is 'People killed, at least';
comment on column bi.diplomatic_actions.fatalities_max is 'People killed, at most';
comment on column bi.diplomatic_actions.persons_min is 'People whom it concerns, at least, such as the diplomats who are expelled; not those killed';
comment on column bi.diplomatic_actions.persons_max is 'People whom it concerns, at most';
comment on column bi.diplomatic_actions.best_grade is 'Best Admiralty grade among the citations that support the claim, from A1 (best) to F6; null if none was judged';
comment on column bi.diplomatic_actions.source_count is 'Number of sources that are cited';
comment on column bi.diplomatic_actions.created_at is 'When the record was created';
comment on column bi.diplomatic_actions.updated_at is 'When the record last changed';
