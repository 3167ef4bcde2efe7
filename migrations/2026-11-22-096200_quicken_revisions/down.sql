create or replace function revision_keys(resource text, document jsonb) returns text[]
language plpgsql immutable parallel safe set search_path = pg_catalog, public, pg_temp
as $$
begin
  if resource not in ('actors', 'relationships', 'programmes', 'sanctions', 'diplomatic_actions', 'sources') then
    return '{}';
  end if;
  return array(
    select (item ->> 'scheme') || ':' || (item ->> 'value')
    from jsonb_array_elements(document -> 'identifiers') as item
    union
    select (item ->> 'scheme') || ':' || (item ->> 'country') || ':' || (item ->> 'value')
    from jsonb_array_elements(document -> 'identifiers') as item
    where item ->> 'country' is not null
    union
    select (item ->> 'scheme') || ':' || (item ->> 'value')
    from jsonb_array_elements(document -> 'external_keys') as item
    union
    select 'programme:' || (document ->> 'code')
    where resource = 'programmes' and document is not null
  );
end
$$;

create or replace function utc_text(moment timestamptz) returns text
language sql immutable parallel safe
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
