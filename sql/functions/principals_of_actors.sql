create or replace function principals_of_actors(actor_ids uuid[])
  returns table (actor_id uuid, principal_id uuid, kind text, first_day date, last_day date)
language sql stable parallel safe rows 200
begin atomic
  with recursive chain (origin_id, id, kind, first_day, last_day) as (
    select actor.id, actor.id, actor.kind, null::date, null::date
    from actors as actor
    where actor.id = any (actor_ids)
    union
    select
      chain.origin_id,
      object.id,
      object.kind,
      greatest(chain.first_day, tie.started_on_earliest),
      least(chain.last_day, tie.ended_on_latest)
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
  )
  select chain.origin_id, chain.id, chain.kind, chain.first_day, chain.last_day from chain;
end;
comment on function principals_of_actors(uuid[]) is 'The actors for which acts of these count, themselves among them: a row for each pair and the days between which they do; null where nothing bounds them. The same as actors_acted_for, for many actors and at any time';
revoke execute on function principals_of_actors(uuid[]) from public;
