-- The rules that read tables, made anew so that they read the views of this schema: each is written once, in schema public.
do $$
declare
  rule text;
  definition text;
begin
  foreach rule in array array[
    'states_acted_for(uuid, date, date)',
    'acts_for(uuid, uuid, date, date)',
    'imposer_state(uuid, date, date)',
    'target_state(uuid, date, date)',
    'sanction_status(sanctions, date)',
    'sanction_status_is_certain(sanctions, date)',
    'actors_acting_for(uuid)',
    'actors_of_one_state(uuid)',
    'actors_counted_against(uuid)',
    'state_of_imposer(uuid, date, date)',
    'state_of_target(uuid, date, date)',
    'state_of_participant(uuid, participant_role, uuid)',
    'name_of_state(uuid)',
    'code_of_state(uuid)',
    'alpha3_of_state(uuid)',
    'merges_from(uuid)'
  ] loop
    -- What is on the path is written without its schema, and so found in the other.
    perform set_config('search_path', 'public', true);
    definition := pg_get_functiondef(('public.' || rule)::regprocedure);
    definition := replace(definition, 'CREATE OR REPLACE FUNCTION public.', 'CREATE FUNCTION as_of.');
    definition := replace(definition, 'SET search_path TO ''pg_catalog'', ''public''', 'SET search_path TO ''pg_catalog'', ''as_of'', ''public''');
    perform set_config('search_path', 'as_of, public', true);
    execute definition;
    rule := replace(rule, '(sanctions', '(as_of.sanctions');
    execute format('revoke execute on function as_of.%s from public', rule);
    execute format('comment on function as_of.%s is %L', rule, 'The function of that name, as of the moment');
  end loop;
end
$$;

-- In PL/pgSQL, so that the planner takes the number of rows for what it is told.
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
comment on function as_of.records_that_had(text, text) is 'The records that ever were found by a natural key';
