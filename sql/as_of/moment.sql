create function as_of.moment() returns timestamptz
language sql stable parallel safe
-- Raises if the setting is missing or empty: a read without a moment must not find an empty registry.
return current_setting('demarche.known_at')::timestamptz;
comment on function as_of.moment() is 'The moment of this as-of read: the setting demarche.known_at. Raises if it is not set';
