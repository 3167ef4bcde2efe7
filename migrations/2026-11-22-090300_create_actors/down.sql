drop table actor_identifiers;
drop function check_identifier();
drop function isin_is_valid(text);
drop function imo_is_valid(text);
drop function lei_is_valid(text);
drop table actor_countries;
drop table actor_names;
drop table actors;
