drop index external_keys_compact_idx;
drop index actor_identifiers_compact_idx;
drop index actor_identifiers_normal_idx;
drop index actor_identifiers_scheme_value_key;
create unique index actor_identifiers_scheme_value_key on actor_identifiers (scheme, value) where is_unique;
