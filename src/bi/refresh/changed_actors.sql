-- Actors whose states may have changed. If a state itself changed, it is not known which actors its code concerns: all are taken.
insert into changed_actors (id)
select id from changed_records where resource = 'actors' and id is not null
union
select actor_id from moved_actor_ties
union
select actor.id
from actors as actor
where exists (select from moved_states)
  or exists (
    select from changed_records as changed
    join bi_store.states as state on state.state_id = changed.id
    where changed.resource = 'actors'
  );
analyze changed_actors;
