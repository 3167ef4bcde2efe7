create view bi.countries as
select
  country.code as country_code,
  country.label as country,
  country.description,
  case when length(country.code) = 2 then country.code end as alpha2,
  country.iso3 as alpha3,
  country.iso_numeric as numeric_code,
  country.region,
  country.subregion,
  length(country.code) = 4 as is_former,
  country.began_on::text as began_on,
  nullif(partial_date_earliest(country.began_on), '-infinity') as began_on_earliest,
  nullif(partial_date_latest(country.began_on), 'infinity') as began_on_latest,
  partial_date_precision(country.began_on) as began_on_precision,
  country.ended_on::text as ended_on,
  nullif(partial_date_earliest(country.ended_on), '-infinity') as ended_on_earliest,
  nullif(partial_date_latest(country.ended_on), 'infinity') as ended_on_latest,
  partial_date_precision(country.ended_on) as ended_on_precision,
  identifier.actor_id
from countries as country
left join actor_identifiers as identifier
  on identifier.scheme = case when length(country.code) = 2 then 'iso3166' else 'iso3166_3' end
  and identifier.value = country.code
  and identifier.is_unique;
comment on view bi.countries is 'Countries and territories, present (ISO 3166-1, Kosovo and the European Union) and former; one row per country';
comment on column bi.countries.country_code is 'ISO 3166-1 alpha-2; for a former country its four-letter code of ISO 3166-3, or a four-letter code of the registry if ISO has none';
comment on column bi.countries.country is 'Short English name';
comment on column bi.countries.description is 'A note on what the code covers';
comment on column bi.countries.alpha2 is 'ISO 3166-1 alpha-2 code of a present country, XK and EU among them';
comment on column bi.countries.alpha3 is 'ISO 3166-1 alpha-3 code, if there is or was one';
comment on column bi.countries.numeric_code is 'ISO 3166-1 numeric code, three digits, if there is or was one';
comment on column bi.countries.region is 'Continent, in the words of the UN geoscheme (M49)';
comment on column bi.countries.subregion is 'Subregion, in the words of the UN geoscheme (M49)';
comment on column bi.countries.is_former is 'Whether the country no longer exists, or is no longer a state of its own';
comment on column bi.countries.began_on is 'When a former country began, as written';
comment on column bi.countries.began_on_earliest is 'First day that began_on may mean; null if open';
comment on column bi.countries.began_on_latest is 'Last day that began_on may mean; null if its end is open';
comment on column bi.countries.began_on_precision is 'Precision of began_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.countries.ended_on is 'When a former country ended, as written';
comment on column bi.countries.ended_on_earliest is 'First day that ended_on may mean; null if open';
comment on column bi.countries.ended_on_latest is 'Last day that ended_on may mean; null if its end is open';
comment on column bi.countries.ended_on_precision is 'Precision of ended_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.countries.actor_id is 'Id of the country as an actor: joins imposer_state_id, target_state_id and state_id';
