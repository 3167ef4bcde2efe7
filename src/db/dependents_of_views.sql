with views as (
  select view.oid, view.reltype, row_type.typarray
  from pg_class as view
  join pg_namespace as namespace on namespace.oid = view.relnamespace
  join pg_type as row_type on row_type.oid = view.reltype
  where namespace.nspname = 'bi' and view.relname::text = any ($1)
),
functions as (
  select function.oid
  from pg_proc as function
  join pg_namespace as namespace on namespace.oid = function.pronamespace
  where namespace.nspname = 'bi' and function.proname::text = any ($2)
)
select distinct
  case
    when dependent.oid is not null then format('%I.%I', home.nspname, dependent.relname)
    else pg_describe_object(dependency.classid, dependency.objid, dependency.objsubid)
  end as name
from pg_depend as dependency
left join pg_rewrite as rule on rule.oid = dependency.objid and dependency.classid = 'pg_rewrite'::regclass
left join pg_class as dependent on dependent.oid = rule.ev_class
left join pg_namespace as home on home.oid = dependent.relnamespace
where (
    (dependency.refclassid = 'pg_class'::regclass and dependency.refobjid in (select oid from views))
    or (dependency.refclassid = 'pg_proc'::regclass and dependency.refobjid in (select oid from functions))
    or (
      dependency.refclassid = 'pg_type'::regclass
      and dependency.refobjid in (select reltype from views union all select typarray from views)
    )
  )
  and dependency.deptype in ('n', 'a')
  and coalesce(dependent.oid not in (select oid from views), true)
  and not (dependency.classid = 'pg_proc'::regclass and dependency.objid in (select oid from functions))
order by 1
