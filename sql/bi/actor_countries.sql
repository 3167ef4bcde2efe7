create view bi.actor_countries as
select
  own.actor_id,
  actor.name as actor,
  own.position,
  own.code as country_code,
  country.label as country,
  country.iso3 as alpha3,
  own.role::text as role
from actor_countries as own
left join actors as actor on actor.id = own.actor_id
left join countries as country on country.code = own.code;
comment on view bi.actor_countries is 'Countries of actors; one row per actor, country and role';
comment on column bi.actor_countries.actor_id is 'Id of the actor';
comment on column bi.actor_countries.actor is 'Name of the actor';
comment on column bi.actor_countries.position is 'Order of the countries in the record, from 0';
comment on column bi.actor_countries.country_code is 'The country, as a code of countries';
comment on column bi.actor_countries.country is 'Name of the country';
comment on column bi.actor_countries.alpha3 is 'ISO 3166-1 alpha-3 code of the country, if there is one';
comment on column bi.actor_countries.role is 'How the country is related to the actor: nationality, jurisdiction, flag, territory or residence';
