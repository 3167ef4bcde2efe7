create or replace function referrers_of(wanted_resource text, wanted_id uuid)
  returns table (resource text, id uuid, role text)
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
declare
  home record;
  branches text[] := '{}';
begin
  -- A foreign key that does not cascade refers to a record; one that cascades belongs to a part of it.
  for home in
    select
      relation.relname as relation,
      attribute.attname as field,
      coalesce(child.resource, relation.relname) as resource,
      coalesce(parent.reference, 'id') as id,
      case
        when relation.relname = 'action_links' then $role$'link ' || home.kind$role$
        when child.child is not null and exists (
          select from pg_attribute as other
          where other.attrelid = relation.oid and other.attname = 'role' and not other.attisdropped
        ) then 'home.role::text'
        else quote_literal(regexp_replace(attribute.attname, '_id$', ''))
      end as role
    from pg_constraint as key
    join pg_class as relation on relation.oid = key.conrelid
    join pg_attribute as attribute on attribute.attrelid = key.conrelid and attribute.attnum = key.conkey[1]
    left join record_children as child on child.child = relation.relname
    left join record_kinds as parent on parent.resource = child.resource
    where key.contype = 'f'
      and key.confrelid = wanted_resource::regclass
      and key.confdeltype <> 'c'
      and (child.child is not null or exists (
        select from record_kinds as kind where kind.resource = relation.relname and kind.reference is not null
      ))
  loop
    branches := branches || format(
      'select %L, home.%I, %s from %I as home where home.%I = $1 and home.%2$I is not null',
      replace(home.resource, '_', '-'), home.id, home.role, home.relation, home.field
    );
  end loop;
  if cardinality(branches) > 0 then
    return query execute array_to_string(branches, ' union ') using wanted_id;
  end if;
end
$$;
comment on function referrers_of(text, uuid) is 'The records that refer to a record of a table, each as the API names it, and as what: from the foreign keys of tables of records and of their child tables';
revoke execute on function referrers_of(text, uuid) from public;
