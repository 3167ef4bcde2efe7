select
  case
    when dependency.dbid in (0, database.oid) then
      pg_describe_object(dependency.classid, dependency.objid, dependency.objsubid)
    else 'something in database ' || elsewhere.datname
  end
from pg_shdepend as dependency
join pg_roles as role on role.oid = dependency.refobjid
join pg_database as database on database.datname = current_database()
left join pg_database as elsewhere on elsewhere.oid = dependency.dbid
where dependency.refclassid = 'pg_authid'::regclass
  and dependency.deptype = 'o'
  and role.rolname = $1
group by 1
order by 1
limit 20
