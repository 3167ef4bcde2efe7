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
  if mode = 'whole' then
    return quote_literal(search_whole_name(words))::tsquery;
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
  if mode not in ('word', 'forms') or last > 1 or weights <> '' then
    return plainly;
  end if;
  -- The word may also be another form of one in a text, in the language of the text: putin is no form of put, except in Danish.
  return coalesce(
    plainly || (
      select string_agg(
        distinct case
          when mode = 'forms' then format('%L:B', stem)
          else format('(%L:B & %L)', stem, '#' || language.name)
        end,
        ' | '
      )::tsquery
      from jsonb_each_text(search_languages()) as language (code, name)
      cross join lateral (select (ts_lexize((language.name || '_stem')::regdictionary, plain[1]))[1]) as found (stem)
      where stem <> ''
    ),
    plainly
  );
end
$$;
comment on function search_query(text, text, text) is 'The query for one term of a search: a word (mode word: in any form), the beginning of one (prefix), words side by side (exact), or a whole name or title (whole); with weights, such as AD, only where the vector has the words with one of these; null if there is no word. Mode forms is the query by which matches of mode word are ranked: in all languages, because words without a place have no rank';
revoke execute on function search_query(text, text, text) from public;
