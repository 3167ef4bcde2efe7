-- The sessions of BI logins in this database, each with the limit that it exceeds, or null ($1 statement, $2 idle in a transaction,
-- $3 transaction; seconds, 0 for no limit). A member of the group that also has the privileges of the database's owner is not a
-- BI login.
--
-- Reason 'notify': notifications that a listening session has not taken fill the server's one queue for them, on disk and outside
-- of temp_file_limit. PostgreSQL does not say who listens. A session holds them while it is in a transaction or its client
-- does not read, so those are meant once more than 1 percent of the queue (80 MB) is full.
with session as (
  select
    activity.pid,
    activity.backend_start,
    activity.usename::text as login,
    activity.state,
    activity.state is null as is_hidden,
    activity.state = 'idle' and activity.wait_event is distinct from 'ClientRead' as is_stalled,
    activity.query_start,
    array(
      select worker.pid from pg_stat_activity as worker where worker.leader_pid = activity.pid and worker.pid <> activity.pid
    ) as workers,
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
select pid, backend_start, login, query_start, workers, reason, age
from session
cross join lateral (
  select case
    when is_hidden then 'hidden'
    when $3::float8 > 0 and transaction_age > $3 then 'transaction'
    when $2::float8 > 0 and state like 'idle in transaction%' and idle_age > $2 then 'idle'
    when $1::float8 > 0 and state in ('active', 'fastpath function call') and statement_age > $1 then 'statement'
    when (transaction_age > 1 or (is_stalled and idle_age > 1)) and pg_notification_queue_usage() > 0.01 then 'notify'
  end,
  case
    when $3 > 0 and transaction_age > $3 then transaction_age
    when state like 'idle%' then idle_age
    else statement_age
  end
) as exceeded (reason, age)
