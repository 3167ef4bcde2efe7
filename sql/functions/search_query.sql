create or replace function search_query(words text, mode text, weights text) returns tsquery
language plpgsql immutable strict parallel safe set search_path = pg_catalog, public, pg_temp
as $$
declare
  plain text[] := string_to_array(btrim(regexp_replace(search_words(words), ' +', ' ', 'g')), ' ');
  last constant integer := cardinality(plain);
  suffix constant text := case when mode = 'prefix' then '*' else '' end || weights;
  plainly tsquery;
begin
  if last = 0 then
    return null;
  end if;
  plainly := to_tsquery('simple', array_to_string(
    array(
      select word || case
        when place = last and suffix <> '' then ':' || suffix
        when weights <> '' then ':' || weights
        else ''
      end
      from unnest(plain) with ordinality as given (word, place)
      order by place
    ),
    ' <-> '
  ));
  if mode <> 'word' or last > 1 or weights <> '' then
    return plainly;
  end if;
  -- The word may also be another form of one in a text, in the language of the text.
  return coalesce(
    plainly || (
      select string_agg(distinct quote_literal(stem) || ':B', ' | ')::tsquery
      from jsonb_each_text(search_languages()) as language (code, name)
      cross join lateral (select (ts_lexize((language.name || '_stem')::regdictionary, plain[1]))[1]) as found (stem)
      where stem <> ''
    ),
    plainly
  );
end
$$;
comment on function search_query(text, text, text) is 'The query for one term of a search: a word (mode word: in any form), the beginning of one (prefix), or words side by side (exact); with weights, such as AD, only where the vector has the words with one of these; null if there is no word';
revoke execute on function search_query(text, text, text) from public;
