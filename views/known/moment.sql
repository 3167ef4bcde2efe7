create function known.moment() returns timestamptz
language sql stable parallel safe
return nullif(current_setting('demarche.known_at', true), '')::timestamptz;
comment on function known.moment() is 'The moment that is asked about: demarche.known_at';
