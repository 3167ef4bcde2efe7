create or replace function plain_names(document jsonb) returns text[]
language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp
return array(
  select distinct plain_name(given.name #>> '{}')
  from (
    select document -> 'name'
    union all
    select jsonb_path_query(document, '$.names[*].name')
  ) as given (name)
  where jsonb_typeof(given.name) = 'string'
);
comment on function plain_names(jsonb) is 'All names of an actor as a revision has it, as they are searched; none where it ended';
revoke execute on function plain_names(jsonb) from public;
