-- Makes a view for each registered table (record_kinds, record_children), with the columns of the table, out of the documents of
-- the revisions that were current at the moment. A column is read by its type:
--   x_id, a uuid      the id in the object x: document -> 'x' ->> 'id'
--   jsonb             document -> 'x'
--   an array          document -> 'x', element by element
--   other types       document ->> 'x', cast; a domain as its base type, without its check
--   generated         its own expression, over the columns of the view
-- A row of a child table is an element of an array of the document. Its position is its index. If a child table has one column
-- besides, the element is that value, or the object that has its id.

create or replace function pg_temp.document_value(source text, field text, type_id oid, type_modifier integer) returns text
language plpgsql
as $$
declare
  type pg_type := (select described from pg_type as described where described.oid = type_id);
begin
  if type.typtype = 'd' then
    return pg_temp.document_value(source, field, type.typbasetype, type.typtypmod);
  elsif type_id = 'jsonb'::regtype then
    return format('%s -> %L', source, field);
  elsif type_id = 'uuid'::regtype and field like '%\_id' then
    return format('(%s -> %L ->> ''id'')::uuid', source, left(field, -3));
  elsif type.typcategory = 'A' then
    return format(
      'case when jsonb_typeof(%1$s -> %2$L) = ''array'' then array(select jsonb_array_elements_text(%1$s -> %2$L))::%3$s end',
      source, field, format_type(type_id, type_modifier)
    );
  elsif type_id = 'text'::regtype then
    return format('%s ->> %L', source, field);
  end if;
  return format('(%s ->> %L)::%s', source, field, format_type(type_id, type_modifier));
end
$$;

-- Declared exceptions: columns whose value has another place in the document, or none.
create or replace function pg_temp.exception_of(table_name text, column_name text) returns text
language sql
as $$
  select exception.expression
  from (values
    ('action_links', 'linked_action_id', $sql$(child.item -> 'action' ->> 'id')::uuid$sql$),
    -- Documents don't have the ids of identifiers.
    ('actor_identifiers', 'id', $sql$md5(change.record_id::text || child.place::text)::uuid$sql$),
    -- A subquery, not a join: reads that don't use the column don't pay for it.
    ('actor_identifiers', 'is_unique', $sql$coalesce(
      (select scheme.is_unique from as_of.identifier_schemes as scheme where scheme.code = child.item ->> 'scheme'),
      false
    )$sql$),
    -- A number if both ends of the interval are equal.
    ('relationships', 'share_percent_min', $sql$(case jsonb_typeof(revision.document -> 'share_percent')
      when 'object' then revision.document -> 'share_percent' ->> 'min' else revision.document ->> 'share_percent'
    end)::numeric(5, 2)$sql$),
    ('relationships', 'share_percent_max', $sql$(case jsonb_typeof(revision.document -> 'share_percent')
      when 'object' then revision.document -> 'share_percent' ->> 'max' else revision.document ->> 'share_percent'
    end)::numeric(5, 2)$sql$)
  ) as exception (home, name, expression)
  where exception.home = table_name
    and exception.name = column_name
$$;

do $mirrors$
declare
  mirrored record;
  part record;
  field record;
  relation oid;
  -- Columns that are read from the document, of those the plain values, and all columns in their order.
  expressions text[];
  columns text[];
  only_value text;
  expression text;
  branches text[];
  current constant text := $sql$
    from public.changes as change
    join public.revisions as revision on revision.id = change.revision_id%s
    where change.resource = %L
      and revision.resource = %2$L
      and change.recorded_at <= as_of.moment()
      and change.superseded_at > as_of.moment()
      and revision.document is not null$sql$;
  -- Records whose document is the whole response, because they name no other record: reads take it as it is. Other mirrors
  -- lack it, because functions that take a row of them would copy it. The program knows the list from its templates.
  read_whole constant text[] := string_to_array(current_setting('demarche.whole_documents'), ',');
  elements constant text := $sql$
    cross join lateral unnest(array(select jsonb_array_elements(revision.document -> %L))) with ordinality as child (item, place)$sql$;
begin
  -- So that types and functions are written with their schema.
  perform set_config('search_path', 'pg_catalog', true);

  for mirrored in
    select kind.resource, kind.reference from public.record_kinds as kind order by kind.reference is not null, kind.resource
  loop
    relation := ('public.' || quote_ident(mirrored.resource))::regclass;
    expressions := '{}';
    columns := '{}';
    for field in
      select attname::text as name, atttypid, atttypmod, attgenerated, pg_get_expr(adbin, adrelid) as generated
      from pg_attribute
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
      where attrelid = relation and attnum > 0 and not attisdropped
      order by attnum
    loop
      if field.attgenerated = 's' then
        columns := columns || format('%s as %I', field.generated, field.name);
        continue;
      end if;
      expression := coalesce(
        pg_temp.exception_of(mirrored.resource, field.name),
        case
          when field.name = 'id' then 'change.record_id'
          when field.name = 'changed_in' then 'revision.written_in'
          else pg_temp.document_value('revision.document', field.name, field.atttypid, field.atttypmod)
        end
      );
      expressions := expressions || format('%s as %I', expression, field.name);
      columns := columns || format('record.%I', field.name);
    end loop;
    if mirrored.resource = any (read_whole) then
      expressions := expressions || 'revision.document'::text;
      columns := columns || 'record.document'::text;
    end if;
    execute format(
      'create view as_of.%I as select %s from (select %s %s) as record',
      mirrored.resource,
      array_to_string(columns, ', '),
      array_to_string(expressions, ', '),
      format(current, '', mirrored.resource)
    );
    execute format('comment on view as_of.%I is %L', mirrored.resource, 'The table of that name, as of the moment');
  end loop;

  for mirrored in
    select distinct child.child from public.record_children as child order by child.child
  loop
    relation := ('public.' || quote_ident(mirrored.child))::regclass;
    branches := '{}';
    -- A branch for each kind of record: a read of the parts of one record looks at revisions of its kind only.
    for part in
      select child.resource, child.field, kind.reference
      from public.record_children as child
      join public.record_kinds as kind on kind.resource = child.resource
      where child.child = mirrored.child
      order by child.resource
    loop
      expressions := '{}';
      columns := '{}';
      select case when count(*) = 1 then min(attname::text) end into only_value
      from pg_attribute
      where attrelid = relation
        and attnum > 0
        and not attisdropped
        and attgenerated = ''
        and attname <> 'position'
        and attname not in (
          select kind.reference
          from public.record_children as child
          join public.record_kinds as kind on kind.resource = child.resource
          where child.child = mirrored.child
        );
      for field in
        select
          attname::text as name, atttypid, atttypmod, attgenerated, pg_get_expr(adbin, adrelid) as generated,
          format_type(atttypid, atttypmod) as type,
          attname in (
            select kind.reference
            from public.record_children as child
            join public.record_kinds as kind on kind.resource = child.resource
            where child.child = mirrored.child
          ) as is_reference
        from pg_attribute
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = relation and attnum > 0 and not attisdropped
        order by attnum
      loop
        if field.attgenerated = 's' then
          columns := columns || format('%s as %I', field.generated, field.name);
          continue;
        end if;
        expression := coalesce(
          pg_temp.exception_of(mirrored.child, field.name),
          case
            when field.name = part.reference then 'change.record_id'
            when field.is_reference then 'null::uuid'
            when field.name = 'position' then format('(child.place - 1)::%s', field.type)
            when field.name = only_value and field.atttypid = 'uuid'::regtype then '(child.item ->> ''id'')::uuid'
            when field.name = only_value then format('(child.item #>> ''{}'')::%s', field.type)
            else pg_temp.document_value('child.item', field.name, field.atttypid, field.atttypmod)
          end
        );
        expressions := expressions || format('%s as %I', expression, field.name);
        columns := columns || format('part.%I', field.name);
      end loop;
      branches := branches || format(
        'select %s from (select %s %s) as part',
        array_to_string(columns, ', '),
        array_to_string(expressions, ', '),
        format(current, format(elements, part.field), part.resource)
      );
    end loop;
    execute format('create view as_of.%I as %s', mirrored.child, array_to_string(branches, ' union all '));
    execute format('comment on view as_of.%I is %L', mirrored.child, 'The table of that name, as of the moment');
  end loop;

  perform set_config('search_path', 'as_of, public', true);
end
$mirrors$;
