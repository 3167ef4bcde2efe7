create or replace function admiralty_grade(reliability source_reliability, credibility smallint) returns text
language sql stable parallel safe
return reliability::text || credibility::text;
comment on function admiralty_grade(source_reliability, smallint) is 'Reliability of the source and credibility of what it says, as in B2; null if either is not assessed';
