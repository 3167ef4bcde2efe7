-- A day is often an expression, which is evaluated wherever it stands: a test for null comes before the comparisons that most
-- sanctions don't need.
create or replace function sanction_status(sanction sanctions, day date) returns text
language sql immutable parallel safe
return case
  when sanction.lifted_on is not null and sanction.lifted_on_latest <= day then 'lifted'
  when sanction.starts_earliest > day then
    case when sanction.announced_on_earliest <= day then 'announced' else 'not_yet' end
  when sanction.lifted_on is not null and sanction.lifted_on_earliest <= day then 'lifted'
  when sanction.expires_on is not null and sanction.expires_on_latest < day then 'expired'
  when sanction.starts_earliest <= day then 'in_force'
  when sanction.announced_on_earliest <= day then 'announced'
  else 'unknown'
end;
comment on function sanction_status(sanctions, date) is 'What a sanction is on a day: not_yet, announced, in_force, expired, lifted, or unknown where no date tells';
