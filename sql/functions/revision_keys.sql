create or replace function revision_keys(resource text, document jsonb) returns text[]
language plpgsql immutable parallel safe set search_path = pg_catalog, public, pg_temp
as $$
declare
  -- Null for most records, and for entries of vocabularies, which have neither field.
  identifiers jsonb := nullif(document -> 'identifiers', '[]');
  external_keys jsonb := nullif(document -> 'external_keys', '[]');
  keys text[] := '{}';
begin
  if identifiers is not null then
    keys := array(
      select (item ->> 'scheme') || ':' || said.value
      from jsonb_array_elements(identifiers) as item
      cross join lateral (
        values (item ->> 'value'), ((item ->> 'country') || ':' || (item ->> 'value'))
      ) as said (value)
      where said.value is not null
    );
  end if;
  if external_keys is not null then
    keys := keys || array(
      select (item ->> 'scheme') || ':' || (item ->> 'value')
      from jsonb_array_elements(external_keys) as item
    );
  end if;
  if resource = 'programmes' and document is not null then
    keys := keys || ('programme:' || (document ->> 'code'));
  end if;
  return keys;
end
$$;
comment on function revision_keys(text, jsonb) is 'The natural keys, scheme:value, that a record has in a revision';
