create or replace function search_configuration(document jsonb) returns text
language sql immutable strict parallel safe
return case
  when document ->> 'language' is null then 'english'
  else search_languages() ->> lower(split_part(document ->> 'language', '-', 1))
end;
comment on function search_configuration(jsonb) is 'The text search configuration of the language of a record''s document: that which a source names, else English; null for a language whose endings the search does not know';
revoke execute on function search_configuration(jsonb) from public;
