create or replace function grade_weight(reliability source_reliability, credibility smallint) returns numeric
language sql immutable parallel safe
return (
  case reliability when 'A' then 100 when 'B' then 75 when 'C' then 50 when 'D' then 25 when 'E' then 0 else 50 end
  + case credibility when 1 then 100 when 2 then 75 when 3 then 50 when 4 then 25 when 5 then 0 else 50 end
) / 200.0;
comment on function grade_weight(source_reliability, smallint) is 'What a claim of this Admiralty grade weighs, from 0 to 1: the mean of the reliability (A 1, B 0.75, C 0.5, D 0.25, E 0, F 0.5) and the credibility (1 1, 2 0.75, 3 0.5, 4 0.25, 5 0, 6 0.5); what was not assessed weighs as what can''t be, 0.5. The numbers are those of the Admiralty scale of MISP';
