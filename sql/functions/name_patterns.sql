create or replace function name_patterns(names text[]) returns text[]
language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp
-- Escaped after unaccent, which makes letters such as ％ into what LIKE would read.
return array(
  select '%' || replace(replace(replace(plain_name(name), '\', '\\'), '%', '\%'), '_', '\_') || '%'
  from unnest(names) as name
);
comment on function name_patterns(text[]) is 'What plain_name is like where it contains one of these names';
revoke execute on function name_patterns(text[]) from public;
