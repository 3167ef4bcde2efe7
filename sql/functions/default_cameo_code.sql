create or replace function default_cameo_code() returns trigger
language plpgsql
as $$
begin
  if new.cameo_code is null then
    select cameo_code into new.cameo_code from action_types where code = new.type;
  end if;
  return new;
end
$$;
comment on function default_cameo_code() is 'Trigger of diplomatic_actions: the code of the type where none is given';
