drop function actors_counted_against(uuid);
drop function actors_of_one_state(uuid);
drop function actors_acting_for(uuid);
