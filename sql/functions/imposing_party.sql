create or replace function imposing_party(actor_id uuid, earliest date, latest date) returns uuid
language sql stable parallel safe security definer cost 10000
begin atomic
  with chain as materialized (
    select own.id, own.kind from actors_acted_for(actor_id, earliest, latest) as own
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
