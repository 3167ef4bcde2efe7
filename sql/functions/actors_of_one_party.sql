create or replace function actors_of_one_party(party_id uuid)
  returns table (actor_id uuid, first_day date, last_day date, depends boolean)
language sql stable parallel safe rows 200
begin atomic
  with recursive acting (actor_id, first_day, last_day) as materialized (
    select acting.actor_id, acting.first_day, acting.last_day
    from actors_acting_for(party_id) as acting
    -- What is no party has no acts of others.
    where acting.actor_id = party_id or is_party(party_id)
  ),
  chain (origin_id, id, kind) as (
    select distinct actor.id, actor.id, actor.kind
    from acting
    join actors as actor on actor.id = acting.actor_id
    union
    select chain.origin_id, object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
  )
  select
    acting.actor_id,
    acting.first_day,
    acting.last_day,
    acting.actor_id in (
      select chain.origin_id
      from chain
      where chain.kind in ('state', 'intergovernmental_organization') and chain.id <> party_id and is_party(chain.id)
    )
  from acting;
end;
comment on function actors_of_one_party(uuid) is 'The actors whose acts are those of this party, each with the days between which they are; where depends, some of its acts may be those of another party, and imposing_party has to decide';
revoke execute on function actors_of_one_party(uuid) from public;
