-- Identifiers are compared in the normal form of their scheme; keys that are spelt otherwise are found to name them in messages.
drop index actor_identifiers_scheme_value_key;
create unique index actor_identifiers_scheme_value_key on actor_identifiers (scheme, normal_identifier(scheme, value))
  where is_unique;
create index actor_identifiers_normal_idx on actor_identifiers (scheme, normal_identifier(scheme, value));
create index actor_identifiers_compact_idx on actor_identifiers (scheme, compact_key(value));
create index external_keys_compact_idx on external_keys (scheme, compact_key(value));
