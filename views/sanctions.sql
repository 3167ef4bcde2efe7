create view bi.sanctions as
select
  sanction.id,
  sanction.imposer_id,
  imposer.name as imposer,
  imposer.kind as imposer_kind,
  imposer_state.name as imposer_state,
  sanction.target_id,
  target.name as target,
  target.kind as target_kind,
  target_state.name as target_state,
  (
    select string_agg(measure.label, ';' order by taken.position)
    from sanction_measures as taken
    join measures as measure on measure.code = taken.measure
    where taken.sanction_id = sanction.id
  ) as measures,
  (
    select string_agg(ground.label, ';' order by given.position)
    from sanction_grounds as given
    join grounds as ground on ground.code = given.ground
    where given.sanction_id = sanction.id
  ) as grounds,
  (
    select string_agg(programme.code, ';' order by basis.position)
    from sanction_programmes as basis
    join programmes as programme on programme.id = basis.programme_id
    where basis.sanction_id = sanction.id
  ) as programmes,
  sanction.reason,
  sanction.legal_basis,
  sanction_status(sanction, (now() at time zone 'UTC')::date) as status,
  sanction_status_is_certain(sanction, (now() at time zone 'UTC')::date) as status_certain,
  sanction.announced_on::text as announced_on,
  sanction.imposed_on::text as imposed_on,
  nullif(sanction.imposed_on_earliest, '-infinity') as imposed_on_earliest,
  sanction.imposed_on_latest,
  sanction.effective_on::text as effective_on,
  sanction.expires_on::text as expires_on,
  nullif(sanction.expires_on_earliest, '-infinity') as expires_on_earliest,
  sanction.expires_on_latest,
  sanction.lifted_on::text as lifted_on,
  nullif(sanction.lifted_on_earliest, '-infinity') as lifted_on_earliest,
  sanction.lifted_on_latest,
  sanction.lift_reason,
  sanction.claim_status::text as claim_status,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.sanction_id = sanction.id and citation.stance = 'supports'
  ) as best_grade,
  (
    select count(distinct citation.source_id)
    from citations as citation
    where citation.sanction_id = sanction.id
  ) as source_count,
  sanction.action_id,
  sanction.list_code,
  sanction.list_part,
  sanction.list_uid,
  sanction.created_at,
  sanction.updated_at
from sanctions as sanction
join actors as imposer on imposer.id = sanction.imposer_id
join actors as target on target.id = sanction.target_id
left join actors as imposer_state
  on imposer_state.id = imposer_state(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)
left join actors as target_state
  on target_state.id = target_state(sanction.target_id, sanction.starts_earliest, sanction.starts_latest);
comment on view bi.sanctions is 'One imposer''s measures against one target, a row each';
comment on column bi.sanctions.id is 'Id of the sanction';
comment on column bi.sanctions.imposer_id is 'Id of the body that acted';
comment on column bi.sanctions.imposer is 'Name of the body that acted';
comment on column bi.sanctions.imposer_kind is 'What sort of actor the imposer is';
comment on column bi.sanctions.imposer_state is 'The state for which the imposer''s act counts; null where there is none or more than one';
comment on column bi.sanctions.target_id is 'Id of who is sanctioned';
comment on column bi.sanctions.target is 'Name of who is sanctioned';
comment on column bi.sanctions.target_kind is 'What sort of actor the target is';
comment on column bi.sanctions.target_state is 'The state that the act counts against; null where that is not one';
comment on column bi.sanctions.measures is 'What it does to its target, joined by ;';
comment on column bi.sanctions.grounds is 'What the target is said to have done, joined by ;';
comment on column bi.sanctions.programmes is 'Codes of the programmes it was imposed under, joined by ;';
comment on column bi.sanctions.reason is 'The stated why';
comment on column bi.sanctions.legal_basis is 'The law';
comment on column bi.sanctions.status is 'What it is today (UTC): not_yet, announced, in_force, expired, lifted, unknown';
comment on column bi.sanctions.status_certain is 'False while today lies inside a date that is only partly known';
comment on column bi.sanctions.announced_on is 'When it was announced, as written';
comment on column bi.sanctions.imposed_on is 'When it was imposed, as written';
comment on column bi.sanctions.imposed_on_earliest is 'First day that imposed_on may mean; null where open';
comment on column bi.sanctions.imposed_on_latest is 'Last day that imposed_on may mean';
comment on column bi.sanctions.effective_on is 'When it takes effect, where that is another day, as written';
comment on column bi.sanctions.expires_on is 'The last day it is in force, where the act sets one, as written';
comment on column bi.sanctions.expires_on_earliest is 'First day that expires_on may mean; null where open';
comment on column bi.sanctions.expires_on_latest is 'Last day that expires_on may mean';
comment on column bi.sanctions.lifted_on is 'The first day it is no longer in force, as written';
comment on column bi.sanctions.lifted_on_earliest is 'First day that lifted_on may mean; null where open';
comment on column bi.sanctions.lifted_on_latest is 'Last day that lifted_on may mean';
comment on column bi.sanctions.lift_reason is 'Why it was lifted';
comment on column bi.sanctions.claim_status is 'How far the claim is established';
comment on column bi.sanctions.best_grade is 'Best Admiralty grade among the sources that support it';
comment on column bi.sanctions.source_count is 'How many sources are cited for it';
comment on column bi.sanctions.action_id is 'Id of the diplomatic action that announced it';
comment on column bi.sanctions.list_code is 'The official list that carries it';
comment on column bi.sanctions.list_part is 'The part of that list';
comment on column bi.sanctions.list_uid is 'The number of the entry on that list';
comment on column bi.sanctions.created_at is 'When the registry learned of it';
comment on column bi.sanctions.updated_at is 'When it last changed in the registry';
