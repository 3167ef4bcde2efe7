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
    select string_agg(country.code, ';' order by country.position)
    from action_countries as country
    where country.action_id = action.id
  ) as country_codes,
  action.occurred_on::text as occurred_on,
  nullif(action.occurred_on_earliest, '-infinity') as occurred_on_earliest,
  action.occurred_on_latest,
  partial_date_precision(action.occurred_on) as occurred_on_precision,
  extract(year from coalesce(nullif(action.occurred_on_earliest, '-infinity'), action.occurred_on_latest))::integer as occurred_year,
  action.ended_on::text as ended_on,
  nullif(action.ended_on_earliest, '-infinity') as ended_on_earliest,
  action.ended_on_latest,
  partial_date_precision(action.ended_on) as ended_on_precision,
  action.ongoing,
  action.fatalities_min,
  action.fatalities_max,
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
comment on view bi.diplomatic_actions is 'One thing that actors did, to or with others; one row per action';
comment on column bi.diplomatic_actions.action_id is 'Id of the action';
comment on column bi.diplomatic_actions.type is 'What was done, as a code of action_types';
comment on column bi.diplomatic_actions.type_label is 'What was done, in words';
comment on column bi.diplomatic_actions.cameo_code is 'CAMEO event code';
comment on column bi.diplomatic_actions.cameo_label is 'CAMEO event code, in words';
comment on column bi.diplomatic_actions.cameo_root is 'The first two digits of the CAMEO code, 01 to 20';
comment on column bi.diplomatic_actions.cameo_root_label is 'The root of the CAMEO code, in words';
comment on column bi.diplomatic_actions.quad_class is '1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict';
comment on column bi.diplomatic_actions.quad_class_label is 'The quad class, in words';
comment on column bi.diplomatic_actions.goldstein is 'Goldstein score, -10 most conflictual to 10 most cooperative';
comment on column bi.diplomatic_actions.modality is 'Whether it took place (actual) or was alleged, planned, threatened, hypothetical';
comment on column bi.diplomatic_actions.claim_status is 'How far the claim is established';
comment on column bi.diplomatic_actions.counts_as_event is 'True where it is actual and neither denied nor retracted; nothing else is counted as an event';
comment on column bi.diplomatic_actions.title is 'What was done, in a line';
comment on column bi.diplomatic_actions.summary is 'What was done, in a few sentences';
comment on column bi.diplomatic_actions.reason is 'The stated why';
comment on column bi.diplomatic_actions.condition is 'What would end it, as stated';
comment on column bi.diplomatic_actions.channel is 'Through what it was said or done';
comment on column bi.diplomatic_actions.place is 'Where, in words';
comment on column bi.diplomatic_actions.latitude is 'Where, in degrees north';
comment on column bi.diplomatic_actions.longitude is 'Where, in degrees east';
comment on column bi.diplomatic_actions.initiators is 'Names of who did it, joined by ; (one row each in action_participants)';
comment on column bi.diplomatic_actions.targets is 'Names of whom it was done to, joined by ; (one row each in action_participants)';
comment on column bi.diplomatic_actions.country_codes is 'Codes of the countries it touched, joined by ; (one row each in action_countries)';
comment on column bi.diplomatic_actions.occurred_on is 'When it took place or began, as written';
comment on column bi.diplomatic_actions.occurred_on_earliest is 'First day that occurred_on may mean; null where open';
comment on column bi.diplomatic_actions.occurred_on_latest is 'Last day that occurred_on may mean';
comment on column bi.diplomatic_actions.occurred_on_precision is 'How well occurred_on is known: day, month, year, approximate (about then), interval (some time between) or not_later_than';
comment on column bi.diplomatic_actions.occurred_year is 'Year of occurred_on_earliest, of occurred_on_latest where that is open';
comment on column bi.diplomatic_actions.ended_on is 'When it ended, as written';
comment on column bi.diplomatic_actions.ended_on_earliest is 'First day that ended_on may mean; null where open';
comment on column bi.diplomatic_actions.ended_on_latest is 'Last day that ended_on may mean';
comment on column bi.diplomatic_actions.ended_on_precision is 'How well ended_on is known: day, month, year, approximate (about then), interval (some time between) or not_later_than';
comment on column bi.diplomatic_actions.ongoing is 'Whether it was going on when last heard of';
comment on column bi.diplomatic_actions.fatalities_min is 'People killed, at least';
comment on column bi.diplomatic_actions.fatalities_max is 'People killed, at most';
comment on column bi.diplomatic_actions.best_grade is 'Best Admiralty grade among the sources that support it, A1 best to F6; null where none was judged';
comment on column bi.diplomatic_actions.source_count is 'How many sources are cited for it';
comment on column bi.diplomatic_actions.created_at is 'When the registry learned of it';
comment on column bi.diplomatic_actions.updated_at is 'When it last changed in the registry';
