-- Names and countries of actors with the time in which they held, and addresses.

alter table actor_names
  add column "from" partial_date,
  add column until partial_date,
  add constraint actor_names_period_check check (partial_date_in_order("from", until));
drop index actor_names_actor_id_name_kind_lang_key;
create unique index actor_names_actor_id_name_kind_lang_from_key
  on actor_names (actor_id, name, kind, coalesce(lang, ''), coalesce("from", ''));
comment on column actor_names."from" is 'When the actor began to use the name, as written; null where not recorded';
comment on column actor_names.until is 'When the actor ceased to use the name, as written; null where not recorded or still used';

alter table actor_countries
  add column "from" partial_date,
  add column until partial_date,
  drop constraint actor_countries_actor_id_code_role_key,
  add constraint actor_countries_period_check check (partial_date_in_order("from", until));
create unique index actor_countries_actor_id_code_role_from_key
  on actor_countries (actor_id, code, role, coalesce("from", ''));
comment on column actor_countries."from" is 'When the actor began to belong to the country, as written; null where not recorded';
comment on column actor_countries.until is 'When the actor ceased to belong to the country, as written; null where not recorded or still so';

create table actor_addresses (
  actor_id uuid not null,
  position smallint not null,
  "full" text,
  street text,
  city text,
  region text,
  postal_code text,
  country text,
  "from" partial_date,
  until partial_date,
  constraint actor_addresses_pkey primary key (actor_id, position),
  constraint actor_addresses_actor_id_fkey foreign key (actor_id) references actors (id) on delete cascade,
  constraint actor_addresses_country_fkey foreign key (country) references countries (code),
  constraint actor_addresses_position_check check (position >= 0),
  constraint actor_addresses_parts_check check (num_nonnulls("full", street, city, region, postal_code, country) > 0),
  constraint actor_addresses_full_check check ("full" ~ '\S' and length("full") <= 500),
  constraint actor_addresses_street_check check (street ~ '\S' and length(street) <= 500),
  constraint actor_addresses_city_check check (city ~ '\S' and length(city) <= 200),
  constraint actor_addresses_region_check check (region ~ '\S' and length(region) <= 200),
  constraint actor_addresses_postal_code_check check (postal_code ~ '\S' and length(postal_code) <= 200),
  constraint actor_addresses_full_clean_check check (is_clean_line("full")),
  constraint actor_addresses_street_clean_check check (is_clean_line(street)),
  constraint actor_addresses_city_clean_check check (is_clean_line(city)),
  constraint actor_addresses_region_clean_check check (is_clean_line(region)),
  constraint actor_addresses_postal_code_clean_check check (is_clean_line(postal_code)),
  constraint actor_addresses_period_check check (partial_date_in_order("from", until))
);
create index actor_addresses_country_idx on actor_addresses (country, actor_id);
create index actor_addresses_city_idx on actor_addresses (plain_name(city), actor_id);
comment on table actor_addresses is 'Addresses of actors, as lists state them';
comment on column actor_addresses.actor_id is 'Whose address it is';
comment on column actor_addresses.position is 'Order in which the addresses were given, from 0';
comment on column actor_addresses."full" is 'The address in one line, where a list states it so';
comment on column actor_addresses.street is 'Street and number, building or post office box';
comment on column actor_addresses.city is 'City, town or village';
comment on column actor_addresses.region is 'State, province or other part of the country';
comment on column actor_addresses.postal_code is 'Postal code';
comment on column actor_addresses.country is 'The country, a code of countries; null where not known';
comment on column actor_addresses."from" is 'When the actor began to use the address, as written; null where not recorded';
comment on column actor_addresses.until is 'When the actor ceased to use the address, as written; null where not recorded or still used';

select register_child('actor_addresses', 'actors', 'addresses');
