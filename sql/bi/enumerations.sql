create view bi.enumerations as
select
  type.typname::text as enumeration,
  row_number() over (partition by type.oid order by word.enumsortorder)::integer as position,
  word.enumlabel::text as value,
  obj_description(type.oid, 'pg_type') as description
from pg_type as type
join pg_enum as word on word.enumtypid = type.oid
where type.typnamespace = 'public'::regnamespace and type.typname <> 'user_role'
union all
select 'sanction_status', status.position::integer, status.value, 'What a sanction is on a day; derived from its dates, never stored'
from unnest(array['not_yet', 'announced', 'in_force', 'expired', 'lifted', 'unknown'])
  with ordinality as status (value, position)
union all
select 'date_precision', precision.position::integer, precision.value, 'How well a date is known'
from unnest(array['day', 'month', 'year', 'approximate', 'interval', 'not_later_than'])
  with ordinality as precision (value, position);
comment on view bi.enumerations is 'The closed words of columns that have no vocabulary of their own; one row per enumeration and value';
comment on column bi.enumerations.enumeration is 'Name of the enumeration, such as claim_status';
comment on column bi.enumerations.position is 'Place of the value in its order, from 1';
comment on column bi.enumerations.value is 'The word, as columns hold it';
comment on column bi.enumerations.description is 'What the enumeration is';
