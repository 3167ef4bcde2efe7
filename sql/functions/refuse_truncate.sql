create or replace function refuse_truncate() returns trigger
language plpgsql
as $$
begin
  raise exception using
    errcode = 'restrict_violation',
    message = format('%s is not truncated, which would leave no revision behind: delete its records', tg_table_name);
end
$$;
comment on function refuse_truncate() is 'Trigger of every table of the model: a truncated table would be forgotten without a revision';
