do $$
declare
  reader constant text := current_database() || '_bi';
  needed text;
begin
  if to_regrole(quote_ident(reader)) is null or to_regnamespace('bi') is null then
    return;
  end if;
  execute format('grant usage on schema bi to %I', reader);
  execute format('grant select on all tables in schema bi to %I', reader);
  execute format('grant execute on all functions in schema bi to %I', reader);
  -- Views and functions of schema bi read tables with the rights of their owner, but call functions with the rights of the reader.
  for needed in
    select distinct called.oid::regprocedure::text
    from pg_depend as dependency
    left join pg_rewrite as rule
      on dependency.classid = 'pg_rewrite'::regclass and rule.oid = dependency.objid
    left join pg_class as view on view.oid = rule.ev_class
    left join pg_proc as caller
      on dependency.classid = 'pg_proc'::regclass and caller.oid = dependency.objid
    join pg_proc as called
      on dependency.refclassid = 'pg_proc'::regclass and called.oid = dependency.refobjid
    where 'bi'::regnamespace in (view.relnamespace, caller.pronamespace)
      and not has_function_privilege('public', called.oid, 'execute')
  loop
    execute format('grant execute on function %s to %I', needed, reader);
  end loop;
end
$$
