-- Keys are unique at the end of a batch, so that two records can swap them.

drop index actor_identifiers_scheme_value_key;
alter table actor_identifiers
  add constraint actor_identifiers_scheme_value_excl exclude using btree (
    scheme with =, normal_identifier(scheme, value) with =
  ) where (is_unique) deferrable initially immediate;
alter table external_keys
  drop constraint external_keys_pkey,
  add constraint external_keys_pkey primary key (scheme, value) deferrable initially immediate;
alter table programmes
  drop constraint programmes_code_key,
  add constraint programmes_code_key unique (code) deferrable initially immediate;
