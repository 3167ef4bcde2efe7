create view bi.actor_countries as
select
  own.actor_id,
  actor.name as actor,
  own.position,
  own.code as country_code,
  country.label as country,
  country.iso3 as alpha3,
  own.role::text as role,
  own."from"::text as country_from,
  nullif(partial_date_earliest(own."from"), '-infinity') as country_from_earliest,
  nullif(partial_date_latest(own."from"), 'infinity') as country_from_latest,
  partial_date_precision(own."from") as country_from_precision,
  own.until::text as country_until,
  nullif(partial_date_earliest(own.until), '-infinity') as country_until_earliest,
  nullif(partial_date_latest(own.until), 'infinity') as country_until_latest,
  partial_date_precision(own.until) as country_until_precision
from actor_countries as own
left join actors as actor on actor.id = own.actor_id
left join countries as country on country.code = own.code;
comment on view bi.actor_countries is 'Countries of actors; one row per actor, country, role and period';
comment on column bi.actor_countries.actor_id is 'Id of the actor';
comment on column bi.actor_countries.actor is 'Name of the actor';
comment on column bi.actor_countries.position is 'Order of the countries in the record, from 0';
comment on column bi.actor_countries.country_code is 'The country, as a code of countries';
comment on column bi.actor_countries.country is 'Name of the country';
comment on column bi.actor_countries.alpha3 is 'ISO 3166-1 alpha-3 code of the country, if there is one';
comment on column bi.actor_countries.role is 'How the country is related to the actor: nationality, jurisdiction, flag, territory or residence';
comment on column bi.actor_countries.country_from is 'When the actor began to belong to the country, as written; null if not recorded';
comment on column bi.actor_countries.country_from_earliest is 'First day that country_from may mean; null if open';
comment on column bi.actor_countries.country_from_latest is 'Last day that country_from may mean; null if its end is open';
comment on column bi.actor_countries.country_from_precision is 'Precision of country_from: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.actor_countries.country_until is 'When the actor ceased to belong to the country, as written; null if not recorded or still so';
comment on column bi.actor_countries.country_until_earliest is 'First day that country_until may mean; null if open';
comment on column bi.actor_countries.country_until_latest is 'Last day that country_until may mean; null if its end is open';
comment on column bi.actor_countries.country_until_precision is 'Precision of country_until: day, month, year, approximate, interval, not_later_than, not_before or one_of';
