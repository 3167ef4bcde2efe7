create view bi.actor_names as
select
  name.actor_id,
  actor.name as actor,
  name.position,
  name.name,
  name.name_kind,
  name.language
from (
  select main.id as actor_id, 0 as position, main.name, 'main' as name_kind, null::text as language
  from actors as main
  union all
  select further.actor_id, further.position + 1, further.name, further.kind::text, further.lang
  from actor_names as further
) as name
left join actors as actor on actor.id = name.actor_id;
comment on view bi.actor_names is 'Every name of an actor, the main name among them; one row per actor and name';
comment on column bi.actor_names.actor_id is 'Id of the actor';
comment on column bi.actor_names.actor is 'Main name of the actor';
comment on column bi.actor_names.position is 'Order of the names; 0 for the main name';
comment on column bi.actor_names.name is 'The name as written';
comment on column bi.actor_names.name_kind is 'Kind of the name: main, alias, weak_alias, former, original_script or acronym';
comment on column bi.actor_names.language is 'Language of the name, a BCP 47 tag such as es; null if not recorded';
