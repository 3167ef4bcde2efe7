drop function if exists actors_counted_against(uuid), actors_counted_against(uuid[]), target_state(uuid, date, date);
delete from record_children where child = 'actor_addresses';
drop table actor_addresses;

drop index actor_countries_actor_id_code_role_from_key;
alter table actor_countries
  drop column "from",
  drop column until,
  add constraint actor_countries_actor_id_code_role_key unique (actor_id, code, role);

drop index actor_names_actor_id_name_kind_lang_from_key;
alter table actor_names
  drop column "from",
  drop column until;
create unique index actor_names_actor_id_name_kind_lang_key on actor_names (actor_id, name, kind, coalesce(lang, ''));
