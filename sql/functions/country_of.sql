create or replace function country_of(
  countries text[], places integer[], country_ids uuid[], holders bigint[], from_days date[], until_days date[],
  earliest date, latest date
) returns uuid
language sql immutable parallel safe
begin atomic
  select case when sum(first.holders) = 1 then (array_agg(first.country_id) filter (where first.holders = 1))[1] end
  from (
    select distinct country.code, country.country_id, country.holders, rank() over (order by country.place) as place
    from unnest(countries, places, country_ids, holders, from_days, until_days)
      as country (code, place, country_id, holders, from_day, until_day)
    where coalesce(country.from_day <= latest, true)
      and coalesce(country.until_day >= earliest, true)
  ) as first
  where first.place = 1;
end;
comment on function country_of(text[], integer[], uuid[], bigint[], date[], date[], date, date) is 'The state whose country is the one of the first place that an actor had between these days; null where that is not one. For each country its place, its state, how many actors hold its code, and the days between which the actor had it';
revoke execute on function country_of(text[], integer[], uuid[], bigint[], date[], date[], date, date) from public;
