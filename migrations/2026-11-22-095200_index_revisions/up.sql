-- By which what was known is found as quickly as what is: keys, names and codes, of every revision.

create function revision_keys(resource text, document jsonb) returns text[]
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
comment on function revision_keys(text, jsonb) is 'The natural keys, scheme:value, by which a record was found as a revision has it';

create function revision_names(document jsonb) returns text
language plpgsql immutable parallel safe set search_path = pg_catalog, public, pg_temp
as $$
begin
  return plain_name(document ->> 'name') || coalesce((
    select string_agg(e'\n' || plain_name(item ->> 'name'), '')
    from jsonb_array_elements(document -> 'names') as item
  ), '');
end
$$;
comment on function revision_names(jsonb) is 'All names of an actor as a revision has it, without accents and capitals, a line each';

create index revisions_keys_idx on revisions using gin (revision_keys(resource, document));
create index revisions_names_idx on revisions using gin (revision_names(document) gin_trgm_ops) where resource = 'actors';
-- Entries of vocabularies, and programmes: few.
create index revisions_code_idx on revisions (resource, (document ->> 'code')) where document ->> 'code' is not null;

-- The planner does not know how common a kind is where it stands in a document.
create statistics revisions_kind_statistics on (document ->> 'kind') from revisions;
comment on statistics revisions_kind_statistics is 'How common each kind is, for lists of what was known that are filtered by it';
