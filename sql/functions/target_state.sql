create or replace function target_state(actor_id uuid, earliest date, latest date) returns uuid
language sql stable parallel safe security definer cost 20000
begin atomic
  select case count(*)
    when 1 then (array_agg(own.id))[1]
    when 0 then (
      select case when count(*) = 1 then (array_agg(identifier.actor_id))[1] end
      from (
        select distinct country.code, rank() over (order by array_position(array['jurisdiction', 'flag', 'nationality'], country.role::text)) as place
        from actor_countries as country
        where country.actor_id = target_state.actor_id
          and country.role in ('jurisdiction', 'flag', 'nationality')
          and coalesce(partial_date_earliest(country."from") <= latest, true)
          and coalesce(partial_date_latest(country.until) >= earliest, true)
      ) as country
      join actor_identifiers as identifier
        on identifier.value = country.code and identifier.scheme in ('iso3166', 'iso3166_3')
      where country.place = 1
    )
  end
  from actors_acted_for(target_state.actor_id, earliest, latest) as own
  where own.kind = 'state';
end;
comment on function target_state(uuid, date, date) is 'The state that an act against this actor counts against: by the rule of states_acted_for, else the one country of the first of the roles jurisdiction, flag, nationality that it had on the days of the act; null where that is not one';
revoke execute on function target_state(uuid, date, date) from public;
