-- The functions of that name take several actors now. Each depends on another one, so that none of them can be replaced.
drop function if exists
  actors_counted_against(uuid),
  actors_of_one_party(uuid),
  actors_of_one_state(uuid),
  others_acted_for(uuid),
  actors_acting_for(uuid);
