create view bi.action_countries as
select
  touched.action_id,
  touched.position,
  touched.code as country_code,
  country.label as country,
  country.iso3 as alpha3
from action_countries as touched
left join countries as country on country.code = touched.code;
comment on view bi.action_countries is 'Countries of diplomatic actions: where the action took place, or whose citizens it affected; one row per action and country';
comment on column bi.action_countries.action_id is 'Id of the action';
comment on column bi.action_countries.position is 'Order of the countries in the record, from 0';
comment on column bi.action_countries.country_code is 'The country, as a code of countries';
comment on column bi.action_countries.country is 'Name of the country';
comment on column bi.action_countries.alpha3 is 'ISO 3166-1 alpha-3 code of the country, if there is one';
