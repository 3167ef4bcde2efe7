create or replace function search_whole_name(name text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
  words constant text := btrim(regexp_replace(public.search_words(name), ' +', ' ', 'g'));
begin
  -- A lexeme has at most 2,046 bytes, and a ligature may stand for many letters.
  return case when octet_length(words) between 1 and 2000 then '=' || words end;
end
$$;
comment on function search_whole_name(text) is 'The lexeme of a whole name or title in the vector of a search: = and its words; null if it has none, or is too long';
revoke execute on function search_whole_name(text) from public;
