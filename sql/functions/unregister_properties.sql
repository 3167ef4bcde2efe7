create or replace function unregister_properties(record text) returns void
language plpgsql
as $$
begin
  execute format(
    $properties$
      drop trigger if exists %1$s_check_properties_on_insert on %1$I;
      drop trigger if exists %1$s_check_properties_on_update on %1$I;
      drop index if exists %1$s_properties_idx
    $properties$,
    record
  );
end
$$;
comment on function unregister_properties(text) is 'For migrations: undoes register_properties';
revoke execute on function unregister_properties(text) from public;
