drop table action_links;
drop function refuse_causal_circle();
drop table action_participants;
drop table action_countries;
drop table diplomatic_actions;
drop function default_cameo_code();
