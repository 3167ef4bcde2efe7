create view bi.actor_names as
select
  name.actor_id,
  actor.name as actor,
  name.position,
  name.name,
  name.name_kind,
  name.language,
  name."from"::text as name_from,
  nullif(partial_date_earliest(name."from"), '-infinity') as name_from_earliest,
  nullif(partial_date_latest(name."from"), 'infinity') as name_from_latest,
  partial_date_precision(name."from") as name_from_precision,
  name.until::text as name_until,
  nullif(partial_date_earliest(name.until), '-infinity') as name_until_earliest,
  nullif(partial_date_latest(name.until), 'infinity') as name_until_latest,
  partial_date_precision(name.until) as name_until_precision
from (
  select
    main.id as actor_id, 0 as position, main.name, 'main' as name_kind, null::text as language,
    null::partial_date as "from", null::partial_date as until
  from actors as main
  union all
  select
    further.actor_id, further.position + 1, further.name, further.kind::text, further.lang, further."from", further.until
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
comment on column bi.actor_names.name_from is 'When the actor began to use the name, as written; null if not recorded';
comment on column bi.actor_names.name_from_earliest is 'First day that name_from may mean; null if open';
comment on column bi.actor_names.name_from_latest is 'Last day that name_from may mean; null if its end is open';
comment on column bi.actor_names.name_from_precision is 'Precision of name_from: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.actor_names.name_until is 'When the actor ceased to use the name, as written; null if not recorded or still so';
comment on column bi.actor_names.name_until_earliest is 'First day that name_until may mean; null if open';
comment on column bi.actor_names.name_until_latest is 'Last day that name_until may mean; null if its end is open';
comment on column bi.actor_names.name_until_precision is 'Precision of name_until: day, month, year, approximate, interval, not_later_than, not_before or one_of';
