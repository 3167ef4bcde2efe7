create or replace function refuse_rewriting() returns trigger
language plpgsql
as $$
begin
  raise exception using
    errcode = 'restrict_violation',
    message = format('%s keeps history: its rows are never changed or deleted', tg_table_name);
end
$$;
comment on function refuse_rewriting() is 'Trigger of what revisions are kept in: refuses to change the past';
