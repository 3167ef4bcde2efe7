select
  current_database()::text,
  session.rolname::text,
  session.rolsuper,
  session.rolcreaterole,
  current_setting('server_version_num')::integer,
  owner.rolname::text,
  owner.rolsuper,
  owner.rolcreaterole,
  pg_has_role(session.oid, owner.oid, 'usage'),
  has_database_privilege('public', database.oid, 'temporary') or has_database_privilege('public', database.oid, 'create'),
  coalesce(has_schema_privilege('public', home.oid, 'create'), false),
  coalesce(pg_has_role(session.oid, home.nspowner, 'usage'), true),
  bi.oid is not null,
  coalesce(pg_has_role(session.oid, bi.nspowner, 'usage'), true),
  has_function_privilege('public', 'pg_catalog.lo_create(oid)', 'execute')
    or has_function_privilege('public', 'pg_catalog.pg_advisory_lock(bigint)', 'execute')
from pg_database as database
join pg_roles as owner on owner.oid = database.datdba
join pg_roles as session on session.rolname = current_user
left join pg_namespace as home on home.nspname = 'public'
left join pg_namespace as bi on bi.nspname = 'bi'
where database.datname = current_database()
