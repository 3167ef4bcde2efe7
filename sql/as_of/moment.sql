create function as_of.moment() returns timestamptz
language sql stable parallel safe
return nullif(current_setting('demarche.known_at', true), '')::timestamptz;
comment on function as_of.moment() is 'The moment that is asked about: demarche.known_at';
