drop function if exists
  actors_counted_against(uuid[]),
  actors_of_one_party(uuid[]),
  actors_of_one_state(uuid[]),
  actors_acting_for_one_of(uuid[]),
  principals_of_actors(uuid[]),
  actors_acting_for(uuid[]);
