create or replace function actors_acted_for(actor_id uuid, earliest date, latest date) returns table (id uuid, kind text)
language sql stable parallel safe rows 5
begin atomic
  with recursive chain (id, kind) as (
    select actor.id, actor.kind
    from actors as actor
    where actor.id = actor_id
    union
    select object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
      and coalesce(tie.started_on_earliest <= latest, true)
      and coalesce(tie.ended_on_latest >= earliest, true)
  )
  select chain.id, chain.kind from chain;
end;
comment on function actors_acted_for(uuid, date, date) is 'The actors for which an act of this actor between these days counts: itself, and up to a state those at the other end of its ties of kinds that count, one after another, each overlapping the act; an undated tie always holds, a denied or retracted one never';
revoke execute on function actors_acted_for(uuid, date, date) from public;
