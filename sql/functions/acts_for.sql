create or replace function acts_for(actor_id uuid, principal_id uuid, earliest date, latest date) returns boolean
language sql stable parallel safe security definer cost 10000
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
  select exists (select from chain where chain.id = principal_id);
end;
comment on function acts_for(uuid, uuid, date, date) is 'Whether an act of this actor between these days counts for the principal, a state or a body that others act for, by the rule of states_acted_for';
revoke execute on function acts_for(uuid, uuid, date, date) from public;
