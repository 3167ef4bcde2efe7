-- Sessions of BI logins in this database that exceed a limit ($1 statement, $2 idle in a transaction, $3 transaction; seconds,
-- 0 for no limit), and sessions whose activity this connection may not see. A member of the group that also has the
-- privileges of the database's owner is not a BI login.
with session as (
  select
    activity.pid,
    activity.backend_start,
    activity.usename::text as login,
    activity.state,
    activity.state is null as is_hidden,
    activity.query_start,
    extract(epoch from clock_timestamp() - activity.query_start)::float8 as statement_age,
    extract(epoch from clock_timestamp() - activity.state_change)::float8 as idle_age,
    extract(epoch from clock_timestamp() - activity.xact_start)::float8 as transaction_age
  from pg_stat_activity as activity
  join pg_database as database on database.oid = activity.datid and database.datname = current_database()
  join pg_roles as role on role.oid = activity.usesysid and not role.rolsuper
  join pg_roles as readers on readers.rolname = current_database() || '_bi'
  where activity.backend_type = 'client backend'
    and activity.usename <> current_user
    and pg_has_role(role.oid, readers.oid, 'member')
    and not pg_has_role(role.oid, database.datdba, 'member')
)
select pid, backend_start, login, is_hidden, query_start, reason, age
from session
cross join lateral (
  select case
    when is_hidden then 'hidden'
    when $3::float8 > 0 and transaction_age > $3 then 'transaction'
    when $2::float8 > 0 and state like 'idle in transaction%' and idle_age > $2 then 'idle'
    when $1::float8 > 0 and state in ('active', 'fastpath function call') and statement_age > $1 then 'statement'
  end,
  case
    when $3 > 0 and transaction_age > $3 then transaction_age
    when state like 'idle in transaction%' then idle_age
    else statement_age
  end
) as exceeded (reason, age)
where reason is not null
