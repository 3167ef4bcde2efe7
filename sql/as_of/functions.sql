-- Makes the functions of schema public that reads use available in this schema, without their being written twice:
--   immutable ones depend on their arguments alone; a function here calls them, and the planner puts the call in its place
--   stable ones, and those that take a row of a mirrored table, are defined again, and so bound to the mirrors
do $functions$
declare
  original record;
  definition text;
  setting constant text := 'SET search_path TO ''pg_catalog'', ''public'', ''pg_temp''';
  head constant text := 'CREATE OR REPLACE FUNCTION public.';
  arguments text;
begin
  create temporary table to_be_shared on commit drop as
  select
    function.oid,
    function.proname::text as name,
    function.proconfig is not null as has_settings,
    pg_get_function_identity_arguments(function.oid) as arguments,
    pg_get_function_result(function.oid) as result,
    function.proparallel,
    function.provolatile = 's' or exists (
      select
      from unnest(function.proargtypes) as argument (type)
      join pg_class as taken on taken.reltype = argument.type
      join public.record_kinds as kind on kind.resource = taken.relname
    ) as reads_records,
    (
      select coalesce(string_agg('$' || number, ', ' order by number), '')
      from generate_series(1, function.pronargs) as number
    ) as positions
  from pg_proc as function
  where function.pronamespace = 'public'::regnamespace
    and function.prokind = 'f'
    and function.provolatile in ('i', 's')
    and function.prorettype <> 'trigger'::regtype
    -- Documents are written, never read as of a moment.
    and function.proname not like '%\_document'
    -- Lists as of a moment have the expression of a record in their own statement.
    and function.proname not like '%\_responses'
    and not exists (
      select from pg_depend as dependency
      where dependency.classid = 'pg_proc'::regclass and dependency.objid = function.oid and dependency.deptype = 'e'
    )
    -- Functions of the types that only history has.
    and not 'public.revisions'::regtype = any (function.proargtypes);

  for original in
    select * from to_be_shared where not reads_records order by name
  loop
    execute format(
      'create function as_of.%I(%s) returns %s language sql immutable parallel %s return public.%I(%s)',
      original.name, original.arguments, original.result,
      case original.proparallel when 's' then 'safe' when 'r' then 'restricted' else 'unsafe' end,
      original.name, original.positions
    );
    execute format('revoke execute on function as_of.%I(%s) from public', original.name, original.arguments);
    execute format('comment on function as_of.%I(%s) is %L', original.name, original.arguments, 'The function of that name of schema public');
  end loop;

  -- In several rounds, because some call others, and are bound to what exists at that time.
  for pass in 1..3 loop
    for original in
      select * from to_be_shared where reads_records order by name
    loop
      -- A name that the path finds is written without its schema, and so found in this one.
      perform set_config('search_path', 'public', true);
      definition := pg_get_functiondef(original.oid);
      arguments := pg_get_function_identity_arguments(original.oid);
      if not starts_with(definition, head) then
        raise exception 'the definition of % does not begin as it should: %', original.name, left(definition, 60);
      end if;
      definition := 'CREATE OR REPLACE FUNCTION as_of.' || substr(definition, length(head) + 1);
      if original.has_settings then
        if strpos(definition, setting) = 0 then
          raise exception 'function % must set search_path = pg_catalog, public, pg_temp', original.name;
        end if;
        definition := replace(definition, setting, 'SET search_path TO ''pg_catalog'', ''as_of'', ''pg_temp''');
      end if;
      perform set_config('search_path', 'as_of, public', true);
      execute definition;
      execute format('revoke execute on function as_of.%I(%s) from public', original.name, arguments);
      execute format('comment on function as_of.%I(%s) is %L', original.name, arguments, 'The function of that name of schema public, as of the moment');
    end loop;
  end loop;
  drop table to_be_shared;
end
$functions$;
