    -- PostgreSQL leaves out the schema of what the search path finds; so the path is set to the same
    -- for every user before definitions are printed.
    set_config('search_path', 'pg_catalog', true) as path
),
part as (
  select
    'view' as kind,
    relation.relname::text as name,
    pg_get_viewdef(relation.oid) as definition,
    relation.reloptions::text as options,
    (
      select string_agg(note.objsubid || ' ' || note.description, e'\n' order by note.objsubid)
      from pg_description as note
      where note.classoid = 'pg_class'::regclass and note.objoid = relation.oid
    ) as comments
  from contract
  join pg_class as relation on relation.relname::text = any (contract.views)
  join pg_namespace as home on home.oid = relation.relnamespace and home.nspname = 'bi'
  where contract.path = 'pg_catalog' and relation.relkind = 'v'
  union all
  select
    'function',
    function.oid::regprocedure::text,
    pg_get_functiondef(function.oid),
    null,
    obj_description(function.oid, 'pg_proc')
  from contract
  join pg_proc as function on function.proname::text = any (contract.functions)
  join pg_namespace as home on home.oid = function.pronamespace and home.nspname = 'bi'
  where contract.path = 'pg_catalog'
)
select coalesce(
  encode(sha256(convert_to(string_agg(to_json(part)::text, e'\n' order by part.kind collate "C", part.name collate "C"), 'UTF8')), 'hex'),
  'nothing'
) as name
from part
