create or replace function actors_acting_for(principal_ids uuid[])
  returns table (actor_id uuid, first_day date, last_day date)
language sql stable parallel safe rows 200
begin atomic
  with recursive chain (id, first_day, last_day) as (
    select distinct principal.id, null::date, null::date
    from unnest(principal_ids) as principal (id)
    union
    select
      tie.subject_id,
      greatest(chain.first_day, tie.started_on_earliest),
      least(chain.last_day, tie.ended_on_latest)
    from chain
    join relationships as tie on tie.object_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as subject on subject.id = tie.subject_id
    where subject.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
  )
  select chain.id, chain.first_day, chain.last_day from chain;
end;
comment on function actors_acting_for(uuid[]) is 'The actors whose acts count for one of these, these among them, each with the days between which they do; null where nothing bounds them. The same as acts_for, from the other end';
revoke execute on function actors_acting_for(uuid[]) from public;
