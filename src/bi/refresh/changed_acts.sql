-- The acts whose states, weight or score may have changed.
insert into moved_actors (id)
select actor_id from moved_actor_ties
union
select actor_id from moved_actor_states;
analyze moved_actors;

insert into changed_actions (id)
select id from changed_records where resource = 'diplomatic_actions'
union
select participant.action_id
from moved_actors as actor
join action_participants as participant on participant.actor_id = actor.id
union
select citation.action_id
from changed_records as changed
join citations as citation on citation.source_id = changed.id and citation.action_id is not null
where changed.resource = 'sources'
union
select dyad.action_id
from bi_store.action_dyads as dyad
join diplomatic_actions as action on action.id = dyad.action_id
join cameo_codes as cameo on cameo.code = action.cameo_code
where (select bool_or(resource = 'cameo_codes') from changed_records)
  and (dyad.goldstein, dyad.quad_class) is distinct from (cameo.goldstein, cameo.quad_class)
union
select step.action_id
from bi_store.chain_steps as step
join diplomatic_actions as action on action.id = step.action_id
join cameo_codes as cameo on cameo.code = action.cameo_code
where (select bool_or(resource = 'cameo_codes') from changed_records)
  and step.goldstein <> cameo.goldstein;
analyze changed_actions;

insert into changed_sanctions (id)
select id from changed_records where resource = 'sanctions'
union
select sanction.id
from moved_actors as actor
join sanctions as sanction on sanction.imposer_id = actor.id
union
select sanction.id
from moved_actors as actor
join sanctions as sanction on sanction.target_id = actor.id
union
select sanction.id
from changed_actions as action
join sanctions as sanction on sanction.action_id = action.id;
analyze changed_sanctions;
