create or replace function pg_temp.build_functions(names text[], definitions text[])
  returns table (name text, error text)
language plpgsql
as $$
declare
  waiting integer[] := array(select generate_subscripts(names, 1));
  failed integer[];
  errors text[];
  index integer;
  former oid[];
  same_name constant text := $sql$
    array(
      select function.oid
      from pg_proc as function
      where function.pronamespace = 'public'::regnamespace
        and function.proname = $1
        and not exists (
          select from pg_depend as dependency
          where dependency.classid = 'pg_proc'::regclass and dependency.objid = function.oid and dependency.deptype = 'e'
        )
    )
  $sql$;
  present oid[];
  one oid;
begin
  -- Functions need each other: those that fail are tried again for as long as that helps.
  loop
    failed := '{}';
    errors := '{}';
    foreach index in array waiting loop
      begin
        execute 'select ' || same_name into former using names[index];
        begin
          execute definitions[index];
        exception
          -- It returns another type, or calls an argument otherwise.
          when invalid_function_definition then
            foreach one in array former loop
              execute format('drop routine %s', one::regprocedure);
            end loop;
            execute definitions[index];
        end;
        execute 'select ' || same_name into present using names[index];
        -- One of the same name with other arguments is the same function before it was changed.
        if not present <@ former then
          foreach one in array present loop
            if one = any (former) then
              execute format('drop routine %s', one::regprocedure);
            end if;
          end loop;
        end if;
      exception
        when undefined_table or undefined_object or undefined_function or undefined_column or dependent_objects_still_exist then
          failed := failed || index;
          errors := errors || sqlerrm;
      end;
    end loop;
    exit when cardinality(failed) in (0, cardinality(waiting));
    waiting := failed;
  end loop;
  return query select names[place], message from unnest(failed, errors) as fault (place, message);
end
$$
