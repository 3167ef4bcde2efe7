create or replace function partial_date_is_exact(value text) returns boolean
  language sql immutable strict parallel safe
return (value collate "C") like '____-__-__';
comment on function partial_date_is_exact(text) is 'Whether a valid partial date is a full day, neither about (~) nor an interval, be it of one day';
