create view bi.actors as
select
  actor.id as actor_id,
  actor.name,
  actor.kind,
  kind.label as kind_label,
  (
    select string_agg(distinct country.code, ';' order by country.code)
    from actor_countries as country
    where country.actor_id = actor.id
  ) as country_codes,
  (
    select string_agg(distinct country_name.label, ';' order by country_name.label)
    from actor_countries as country
    join countries as country_name on country_name.code = country.code
    where country.actor_id = actor.id
  ) as country_names,
  actor.description,
  actor.began_on::text as began_on,
  nullif(actor.began_on_earliest, '-infinity') as began_on_earliest,
  nullif(actor.began_on_latest, 'infinity') as began_on_latest,
  partial_date_precision(actor.began_on) as began_on_precision,
  actor.ended_on::text as ended_on,
  nullif(actor.ended_on_earliest, '-infinity') as ended_on_earliest,
  nullif(actor.ended_on_latest, 'infinity') as ended_on_latest,
  partial_date_precision(actor.ended_on) as ended_on_precision,
  actor.created_at,
  actor.updated_at
from actors as actor
left join actor_kinds as kind on kind.code = actor.kind;
comment on view bi.actors is 'Anyone who acts or is acted upon; one row per actor';
comment on column bi.actors.actor_id is 'Id of the actor';
comment on column bi.actors.name is 'Main name';
comment on column bi.actors.kind is 'Kind of the actor, as a code of actor_kinds';
comment on column bi.actors.kind_label is 'Label of the kind';
comment on column bi.actors.country_codes is 'Codes of the actor''s countries, joined by ; (one row for each in actor_countries)';
comment on column bi.actors.country_names is 'Names of the actor''s countries, joined by ;';
comment on column bi.actors.description is 'Who or what the actor is';
comment on column bi.actors.began_on is 'Birth, founding or building, as written';
comment on column bi.actors.began_on_earliest is 'First day that began_on may mean; null if open';
comment on column bi.actors.began_on_latest is 'Last day that began_on may mean; null if its end is open';
comment on column bi.actors.began_on_precision is 'Precision of began_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.actors.ended_on is 'Death, dissolution or scrapping, as written';
comment on column bi.actors.ended_on_earliest is 'First day that ended_on may mean; null if open';
comment on column bi.actors.ended_on_latest is 'Last day that ended_on may mean; null if its end is open';
comment on column bi.actors.ended_on_precision is 'Precision of ended_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.actors.created_at is 'When the record was created';
comment on column bi.actors.updated_at is 'When the record last changed';
