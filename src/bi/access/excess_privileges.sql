-- What a login may do beyond reading schema bi: the statement that revokes it, and a description.
with login as (
  select oid, rolname from pg_roles where rolname = $1
),
home as (
  select oid, datname, datdba from pg_database where datname = current_database()
)
select format('revoke connect on database %I from public;', other.datname),
  format('it may connect to database %s too, because PUBLIC may', other.datname)
from pg_database as other
cross join login
cross join home
where other.oid <> home.oid and other.datallowconn and has_database_privilege(login.oid, other.oid, 'connect')
union all
select format('revoke create, temporary on database %1$I from public, %2$I;', home.datname, login.rolname),
  format('it may create schemas or temporary tables in database %s', home.datname)
from login
cross join home
where has_database_privilege(login.oid, home.oid, 'create') or has_database_privilege(login.oid, home.oid, 'temporary')
union all
select format('revoke create on schema %1$I from public, %2$I;', schema.nspname, login.rolname),
  format('it may create objects in schema %s', schema.nspname)
from pg_namespace as schema
cross join login
where has_schema_privilege(login.oid, schema.oid, 'create')
union all
select format('revoke all on table %1$s from public, %2$I;', class.oid::regclass, login.rolname),
  format('it has rights on %s', class.oid::regclass)
from pg_class as class
join pg_namespace as schema on schema.oid = class.relnamespace
cross join login
where class.relkind in ('r', 'p', 'v', 'm', 'f')
  and schema.nspname not in ('pg_catalog', 'information_schema', 'bi', 'pg_toast')
  and has_table_privilege(login.oid, class.oid, 'select, insert, update, delete, truncate')
union all
select format('revoke %1$I from %2$I;', above.rolname, login.rolname),
  format('it is a member of the role %s too', above.rolname)
from pg_auth_members as membership
join login on login.oid = membership.member
join pg_roles as above on above.oid = membership.roleid
cross join home
where above.rolname <> home.datname || '_bi'
order by 1
