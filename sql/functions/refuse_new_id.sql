create or replace function refuse_new_id() returns trigger
language plpgsql
as $$
begin
  raise exception using
    errcode = 'restrict_violation',
    message = format('a record of %s keeps its id for ever', tg_table_name);
end
$$;
comment on function refuse_new_id() is 'Trigger of every record: revisions know it by its id';
