create view bi.actor_addresses as
select
  address.actor_id,
  actor.name as actor,
  address.position,
  address."full" as full_address,
  address.street,
  address.city,
  address.region,
  address.postal_code,
  address.country as country_code,
  country.label as country,
  address."from"::text as address_from,
  nullif(partial_date_earliest(address."from"), '-infinity') as address_from_earliest,
  nullif(partial_date_latest(address."from"), 'infinity') as address_from_latest,
  partial_date_precision(address."from") as address_from_precision,
  address.until::text as address_until,
  nullif(partial_date_earliest(address.until), '-infinity') as address_until_earliest,
  nullif(partial_date_latest(address.until), 'infinity') as address_until_latest,
  partial_date_precision(address.until) as address_until_precision
from actor_addresses as address
left join actors as actor on actor.id = address.actor_id
left join countries as country on country.code = address.country;
comment on view bi.actor_addresses is 'Addresses of actors; one row per address';
comment on column bi.actor_addresses.actor_id is 'Id of the actor';
comment on column bi.actor_addresses.actor is 'Name of the actor';
comment on column bi.actor_addresses.position is 'Order of the addresses in the record, from 0';
comment on column bi.actor_addresses.full_address is 'The address in one line, if a list states it so';
comment on column bi.actor_addresses.street is 'Street and number, building or post office box';
comment on column bi.actor_addresses.city is 'City, town or village';
comment on column bi.actor_addresses.region is 'State, province or other part of the country';
comment on column bi.actor_addresses.postal_code is 'Postal code';
comment on column bi.actor_addresses.country_code is 'The country, as a code of countries; null if not known';
comment on column bi.actor_addresses.country is 'Name of the country';
comment on column bi.actor_addresses.address_from is 'When the actor began to use the address, as written; null if not recorded';
comment on column bi.actor_addresses.address_from_earliest is 'First day that address_from may mean; null if open';
comment on column bi.actor_addresses.address_from_latest is 'Last day that address_from may mean; null if its end is open';
comment on column bi.actor_addresses.address_from_precision is 'Precision of address_from: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.actor_addresses.address_until is 'When the actor ceased to use the address, as written; null if not recorded or still so';
comment on column bi.actor_addresses.address_until_earliest is 'First day that address_until may mean; null if open';
comment on column bi.actor_addresses.address_until_latest is 'Last day that address_until may mean; null if its end is open';
comment on column bi.actor_addresses.address_until_precision is 'Precision of address_until: day, month, year, approximate, interval, not_later_than, not_before or one_of';
