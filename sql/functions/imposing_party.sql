create or replace function imposing_party(actor_id uuid, earliest date, latest date) returns uuid
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
  select coalesce(
    (select case when count(*) = 1 then (array_agg(chain.id))[1] end from chain where chain.kind = 'state'),
    (
      select case when count(*) = 1 then (array_agg(chain.id))[1] end
      from chain
      where chain.kind = 'intergovernmental_organization' and is_party(chain.id)
    ),
    actor_id
  );
end;
comment on function imposing_party(uuid, date, date) is 'The party whose act an act of this actor between these days is: the one state for which it counts, else the one intergovernmental organization (the European Union for its Council), else the actor itself; never null';
revoke execute on function imposing_party(uuid, date, date) from public;
