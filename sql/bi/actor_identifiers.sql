create view bi.actor_identifiers as
select
  identifier.id as identifier_id,
  identifier.actor_id,
  actor.name as actor,
  identifier.position,
  identifier.scheme,
  scheme.label as scheme_label,
  identifier.is_unique,
  identifier.value,
  case when identifier.scheme = 'crypto_address' then split_part(identifier.value, ':', 1) end as currency,
  identifier.country as country_code,
  country.label as country,
  identifier.valid_from::text as valid_from,
  nullif(partial_date_earliest(identifier.valid_from), '-infinity') as valid_from_earliest,
  nullif(partial_date_latest(identifier.valid_from), 'infinity') as valid_from_latest,
  partial_date_precision(identifier.valid_from) as valid_from_precision,
  identifier.valid_until::text as valid_until,
  nullif(partial_date_earliest(identifier.valid_until), '-infinity') as valid_until_earliest,
  nullif(partial_date_latest(identifier.valid_until), 'infinity') as valid_until_latest,
  partial_date_precision(identifier.valid_until) as valid_until_precision
from actor_identifiers as identifier
left join actors as actor on actor.id = identifier.actor_id
left join identifier_schemes as scheme on scheme.code = identifier.scheme
left join countries as country on country.code = identifier.country;
comment on view bi.actor_identifiers is 'Numbers and codes that others gave to actors; one row per identifier';
comment on column bi.actor_identifiers.identifier_id is 'Id of the identifier';
comment on column bi.actor_identifiers.actor_id is 'Id of the actor';
comment on column bi.actor_identifiers.actor is 'Name of the actor';
comment on column bi.actor_identifiers.position is 'Order of the identifiers in the record, from 0';
comment on column bi.actor_identifiers.scheme is 'Scheme of the identifier, as a code of identifier_schemes';
comment on column bi.actor_identifiers.scheme_label is 'Label of the scheme';
comment on column bi.actor_identifiers.is_unique is 'Whether a value of the scheme belongs to one actor only';
comment on column bi.actor_identifiers.value is 'The number or code as written';
comment on column bi.actor_identifiers.currency is 'Currency of a cryptocurrency address, such as XBT; null for other schemes';
comment on column bi.actor_identifiers.country_code is 'Country that issued the identifier, if that matters, as a code of countries';
comment on column bi.actor_identifiers.country is 'Name of the country that issued the identifier';
comment on column bi.actor_identifiers.valid_from is 'When the identifier became valid, as written';
comment on column bi.actor_identifiers.valid_from_earliest is 'First day that valid_from may mean; null if open';
comment on column bi.actor_identifiers.valid_from_latest is 'Last day that valid_from may mean; null if its end is open';
comment on column bi.actor_identifiers.valid_from_precision is 'Precision of valid_from: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.actor_identifiers.valid_until is 'When the identifier ceased to be valid, as written';
comment on column bi.actor_identifiers.valid_until_earliest is 'First day that valid_until may mean; null if open';
comment on column bi.actor_identifiers.valid_until_latest is 'Last day that valid_until may mean; null if its end is open';
comment on column bi.actor_identifiers.valid_until_precision is 'Precision of valid_until: day, month, year, approximate, interval, not_later_than, not_before or one_of';
