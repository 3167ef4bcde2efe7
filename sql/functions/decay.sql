create or replace function decay(state double precision, remaining double precision, added double precision)
  returns double precision
language plpgsql immutable parallel safe
as $$
begin
  if abs(state) < 1e-100 then
    return added;
  end if;
  return state * remaining + added;
end
$$;
comment on function decay(double precision, double precision, double precision) is 'Step of decayed_sum: what remains of the sum, and what is added';
