-- In PL/pgSQL, so that the planner takes the number of rows from the declaration.
create function as_of.records_that_had(wanted_resource text, key text) returns setof uuid
language plpgsql stable strict parallel safe rows 2
set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select distinct revision.record_id
    from revisions as revision
    where revision.resource = wanted_resource
      and revision_keys(revision.resource, revision.document) @> array[key];
end
$$;
revoke execute on function as_of.records_that_had(text, text) from public;
comment on function as_of.records_that_had(text, text) is 'The records that had a natural key at any moment';
