create or replace function register_properties(record text) returns void
language plpgsql
as $$
begin
  execute format(
    $properties$
      create index if not exists %1$s_properties_idx on %1$I using gin (property_keys(properties));
      create or replace trigger %1$s_check_properties_on_insert after insert on %1$I
        for each row when (new.properties <> '{}') execute function check_properties();
      create or replace trigger %1$s_check_properties_on_update after update of properties on %1$I
        for each row when (new.properties <> '{}' and new.properties <> old.properties) execute function check_properties()
    $properties$,
    record
  );
end
$$;
comment on function register_properties(text) is 'For migrations: makes the properties of a table of records searchable, and checks those whose names are in property_names. register_record calls it for each table with such a column';
revoke execute on function register_properties(text) from public;
