create view bi.data_dictionary as
select
  relation.relname::text as object,
  'view' as object_kind,
  0 as position,
  null::text as column_name,
  null::text as data_type,
  obj_description(relation.oid, 'pg_class') as comment
from pg_class as relation
where relation.relnamespace = 'bi'::regnamespace and relation.relkind in ('r', 'v', 'm')
union all
select
  relation.relname::text,
  'view',
  row_number() over (partition by relation.oid order by attribute.attnum)::integer,
  attribute.attname::text,
  format_type(attribute.atttypid, attribute.atttypmod),
  col_description(relation.oid, attribute.attnum)
from pg_class as relation
join pg_attribute as attribute on attribute.attrelid = relation.oid and attribute.attnum > 0 and not attribute.attisdropped
where relation.relnamespace = 'bi'::regnamespace and relation.relkind in ('r', 'v', 'm')
union all
select
  function.proname::text,
  'function',
  0,
  null,
  pg_get_function_result(function.oid),
  obj_description(function.oid, 'pg_proc')
from pg_proc as function
where function.pronamespace = 'bi'::regnamespace
union all
select
  function.proname::text,
  'function',
  argument.position::integer,
  function.proargnames[argument.position],
  format_type(argument.type, null),
  'Argument of the function'
from pg_proc as function
cross join unnest(function.proargtypes::oid[]) with ordinality as argument (type, position)
where function.pronamespace = 'bi'::regnamespace;
comment on view bi.data_dictionary is 'Everything in this contract; one row per view or function (position 0), and one per column of a view or argument of a function';
comment on column bi.data_dictionary.object is 'Name of the view or function';
comment on column bi.data_dictionary.object_kind is 'view or function';
comment on column bi.data_dictionary.position is '0 for the view or function itself, else the position of the column or argument, from 1';
comment on column bi.data_dictionary.column_name is 'Name of the column or argument; null for the view or function itself';
comment on column bi.data_dictionary.data_type is 'Type of the column or argument; for a function, what it returns';
comment on column bi.data_dictionary.comment is 'What it means';
