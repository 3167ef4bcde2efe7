create or replace function register_child(child text, record text, field text) returns void
language plpgsql
as $$
declare
  reference text;
begin
  select kind.reference into strict reference from record_kinds as kind where kind.resource = record;
  insert into record_children (child, resource, field) values (child, record, field);
  execute format(
    $triggers$
      create trigger %1$s_insert_touches_%2$s after insert on %1$I
        for each row when (new.%3$I is not null) execute function touch_%2$s();
      create trigger %1$s_update_touches_%2$s after update on %1$I
        for each row when (new.%3$I is not null or old.%3$I is not null) execute function touch_%2$s();
      create trigger %1$s_delete_touches_%2$s after delete on %1$I
        for each row when (old.%3$I is not null) execute function touch_%2$s();
      create or replace trigger %1$s_refuse_truncate before truncate on %1$I
        for each statement execute function refuse_truncate()
    $triggers$,
    child, record, reference
  );
end
$$;
comment on function register_child(text, text, text) is 'For migrations: makes a table a child of a table of records, whose documents have its rows in the array of this name; a change of a child moves the version of its record';
revoke execute on function register_child(text, text, text) from public;
