-- Functions that are bound to these tables.
drop function if exists action_links_to(uuid);
drop function if exists sanction_status_is_certain(sanctions, date);
drop function if exists sanction_status(sanctions, date);
drop function if exists
  actors_counted_against(uuid[]),
  actors_of_one_party(uuid[]),
  actors_of_one_state(uuid[]),
  actors_acting_for_one_of(uuid[]),
  principals_of_actors(uuid[]),
  actors_acting_for(uuid[]);
drop function if exists actors_counted_against(uuid);
drop function if exists actors_of_one_party(uuid);
drop function if exists imposing_party(uuid, date, date);
drop function if exists is_party(uuid);
drop function if exists actors_of_one_state(uuid);
drop function if exists others_acted_for(uuid);
drop function if exists actors_acting_for(uuid);
drop function if exists target_state(uuid, date, date);
drop function if exists imposer_state(uuid, date, date);
drop function if exists acts_for(uuid, uuid, date, date);
drop function if exists states_acted_for(uuid, date, date);
drop function if exists actors_acted_for(uuid, date, date);

drop table locks;
drop table sanction_objectives;
drop table sanction_grounds;
drop table sanction_measures;
drop table sanction_programmes;
drop table sanctions;
drop table action_links;
drop table action_participants;
drop table action_countries;
drop table diplomatic_actions;
drop table relationships;
