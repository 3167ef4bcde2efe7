drop table actor_identifiers;
drop table actor_countries;
drop table actor_names;
drop table actors;
