create or replace function plain_name(name text) returns text
language sql immutable strict parallel safe
return lower(public.unaccent('public.unaccent'::regdictionary, name));
comment on function plain_name(text) is 'A name without accents and capitals, as names are searched';
