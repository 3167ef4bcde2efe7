create or replace function recording_time() returns timestamptz
language sql stable parallel safe
return coalesce(nullif(current_setting('demarche.backdated_to', true), '')::timestamptz, now());
comment on function recording_time() is 'When what is written now counts as recorded: now, or where the writer set demarche.backdated_to, then';
