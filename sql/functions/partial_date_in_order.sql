create or replace function partial_date_in_order(earlier text, later text) returns boolean
  language sql immutable parallel safe
return coalesce(partial_date_latest(later) >= partial_date_earliest(earlier), true);
comment on function partial_date_in_order(text, text) is 'False only when later certainly ends before earlier can begin; true where either is null. For constraints such as: does not end before it begins';
