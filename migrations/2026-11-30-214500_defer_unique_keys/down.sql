alter table programmes
  drop constraint programmes_code_key,
  add constraint programmes_code_key unique (code);
alter table external_keys
  drop constraint external_keys_pkey,
  add constraint external_keys_pkey primary key (scheme, value);
alter table actor_identifiers drop constraint actor_identifiers_scheme_value_excl;
create unique index actor_identifiers_scheme_value_key on actor_identifiers (scheme, normal_identifier(scheme, value))
  where is_unique;
