-- Nothing of an as-of read may be bound to a table of the present, or to a function that reads one.
do $check$
declare
  live text;
begin
  select string_agg(distinct format(
    '%s uses %s',
    coalesce(view.oid::regclass::text, function.oid::regprocedure::text),
    pg_describe_object(dependency.refclassid, dependency.refobjid, 0)
  ), ', ') into live
  from pg_depend as dependency
  left join pg_rewrite as rule on dependency.classid = 'pg_rewrite'::regclass and rule.oid = dependency.objid
  left join pg_class as view on view.oid = rule.ev_class
  left join pg_proc as function on dependency.classid = 'pg_proc'::regclass and function.oid = dependency.objid
  left join pg_class as relation on dependency.refclassid = 'pg_class'::regclass and relation.oid = dependency.refobjid
  left join pg_proc as called on dependency.refclassid = 'pg_proc'::regclass and called.oid = dependency.refobjid
  where coalesce(view.relnamespace, function.pronamespace)
      in (to_regnamespace('as_of'), to_regnamespace('as_of_bi'), to_regnamespace('as_of_store'))
    and (
      relation.relnamespace in ('public'::regnamespace, to_regnamespace('bi'), to_regnamespace('bi_store'))
        and relation.oid not in ('public.revisions'::regclass, 'public.changes'::regclass, 'public.name_history'::regclass, 'public.search_texts'::regclass)
        -- The types of rows: as_of_store has functions that return them.
        and not (relation.relnamespace = to_regnamespace('bi_store') and view.relnamespace = to_regnamespace('as_of_store'))
      or called.pronamespace in ('public'::regnamespace, to_regnamespace('bi')) and called.provolatile <> 'i'
    );
  if live is not null then
    raise exception 'as-of reads would answer from the present: %', live;
  end if;
end
$check$;
