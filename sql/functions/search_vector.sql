create or replace function search_vector(document jsonb) returns tsvector
language plpgsql immutable strict parallel safe set search_path = pg_catalog, public, pg_temp
as $$
declare
  texts jsonb[] := record_texts(document);
  -- As JSON, whose punctuation search_words leaves out. A vector has at most a megabyte.
  names text := left(search_words(replace(replace(left(texts[1]::text, 20000), '\\', ' '), '\n', ' ')), 20000);
  prose text := left(search_words(replace(replace(left(texts[2]::text, 40000), '\\', ' '), '\n', ' ')), 40000);
  keys text := left(search_words(replace(replace(left(texts[3]::text, 20000), '\\', ' '), '\n', ' ')), 20000);
  configuration text := search_configuration(document);
begin
  return setweight(to_tsvector('simple', names), 'A')
    || setweight(to_tsvector('simple', prose), 'C')
    || to_tsvector('simple', keys)
    || case
      when configuration is null then ''::tsvector
      -- Names have no endings; titles do, and names of programmes, which alone have a code.
      when document ? 'title' or document ? 'code'
        then setweight(to_tsvector(configuration::regconfig, names || ' ' || prose), 'B')
      else setweight(to_tsvector(configuration::regconfig, prose), 'B')
    end
    -- Neither can be a word of a text.
    || array_to_tsvector(array(
      select distinct whole
      from jsonb_array_elements_text(texts[1]) with ordinality as given (name, place)
      cross join lateral (select search_whole_name(name)) as folded (whole)
      where place <= 300 and whole is not null
    ))
    || case when configuration is null then ''::tsvector else array_to_tsvector(array['#' || configuration]) end;
end
$$;
comment on function search_vector(jsonb) is 'The words of a record''s document with their weights: A names and titles, C reasons, summaries and the like, D identifiers, publishers, addresses on the web and quotes; B the words of titles, of names of programmes and of C without their endings, in the language of the document, or as English; and without place or weight = before each whole name or title, and # before the name of the language''s configuration';
revoke execute on function search_vector(jsonb) from public;
