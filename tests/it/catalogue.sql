with ours as (
  select oid, nspname
  from pg_namespace
  where nspname in ('public', 'bi', 'bi_store')
),
extensions as (
  select classid, objid
  from pg_depend
  where deptype = 'e'
),
relations as (
  select class.oid, format('%I.%I', ours.nspname, class.relname) as name, class.relkind, class.reloptions
  from pg_class as class
  join ours on ours.oid = class.relnamespace
  where (class.tableoid, class.oid) not in (select classid, objid from extensions)
)
select 'extension ' || extname as line
from pg_extension
union all
select 'schema ' || nspname
from ours
union all
select format('relation %s %s %s: %s', relkind, name, reloptions, obj_description(oid, 'pg_class'))
from relations
union all
select format(
  'column %s.%I %s, collation %s, not null %s, generated %s%s, default %s: %s',
  relations.name,
  attname,
  format_type(atttypid, atttypmod),
  attcollation,
  attnotnull,
  attidentity,
  attgenerated,
  pg_get_expr(adbin, adrelid),
  col_description(attrelid, attnum)
)
from relations
join pg_attribute on attrelid = relations.oid and attnum > 0 and not attisdropped
left join pg_attrdef on adrelid = attrelid and adnum = attnum
where relations.relkind in ('r', 'v', 'm', 'p', 'f')
union all
select format(
  'constraint %s%s %I %s, valid %s: %s',
  relations.name,
  domain.typname,
  conname,
  pg_get_constraintdef(pg_constraint.oid),
  convalidated,
  obj_description(pg_constraint.oid, 'pg_constraint')
)
from pg_constraint
join ours on ours.oid = connamespace
left join relations on relations.oid = conrelid
left join pg_type as domain on domain.oid = contypid
union all
select format('index %s, valid %s: %s', pg_get_indexdef(indexrelid), indisvalid, obj_description(indexrelid, 'pg_class'))
from pg_index
join relations on relations.oid = indexrelid
union all
select format('view %s %s', name, pg_get_viewdef(oid))
from relations
where relkind in ('v', 'm')
union all
select format('trigger %s: %s', pg_get_triggerdef(pg_trigger.oid), obj_description(pg_trigger.oid, 'pg_trigger'))
from pg_trigger
join relations on relations.oid = tgrelid
where not tgisinternal
union all
select format('function %s: %s', pg_get_functiondef(proc.oid), obj_description(proc.oid, 'pg_proc'))
from pg_proc as proc
join ours on ours.oid = proc.pronamespace
where proc.prokind in ('f', 'p') and (proc.tableoid, proc.oid) not in (select classid, objid from extensions)
union all
select format(
  'type %I.%I %s %s not null %s: %s',
  ours.nspname,
  type.typname,
  type.typtype,
  case type.typtype
    when 'd' then format_type(type.typbasetype, type.typtypmod)
    when 'e' then (select string_agg(enumlabel, ' ' order by enumsortorder) from pg_enum where enumtypid = type.oid)
  end,
  type.typnotnull,
  obj_description(type.oid, 'pg_type')
)
from pg_type as type
join ours on ours.oid = type.typnamespace
where type.typtype in ('d', 'e', 'r') and (type.tableoid, type.oid) not in (select classid, objid from extensions)
union all
select format('event trigger %s', evtname)
from pg_event_trigger
order by 1
