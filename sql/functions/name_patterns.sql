create or replace function name_patterns(names text[]) returns text[]
language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp
-- Escaped after plain_name, which makes letters such as ％ into what LIKE would read. A name of which nothing is left, such as
-- a hyphen, is contained in none.
return array(
  select '%' || replace(replace(replace(plain, '\', '\\'), '%', '\%'), '_', '\_') || '%'
  from unnest(names) as name
  cross join lateral (select plain_name(name) as plain) as searched
  where plain <> ''
);
comment on function name_patterns(text[]) is 'What plain_name is like where it contains one of these names';
revoke execute on function name_patterns(text[]) from public;
