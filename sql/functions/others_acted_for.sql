create or replace function others_acted_for(principal_id uuid) returns table (actor_id uuid, other_id uuid, kind text)
language sql stable parallel safe rows 200
begin atomic
  with recursive chain (origin_id, id, kind) as (
    select actor.id, actor.id, actor.kind
    from actors as actor
    where actor.id in (select acting.actor_id from actors_acting_for(principal_id) as acting)
    union
    select chain.origin_id, object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
  )
  select chain.origin_id, chain.id, chain.kind from chain where chain.id <> principal_id;
end;
comment on function others_acted_for(uuid) is 'The other actors for which those who act for this one act at any time, themselves among them: a row for each pair';
revoke execute on function others_acted_for(uuid) from public;
