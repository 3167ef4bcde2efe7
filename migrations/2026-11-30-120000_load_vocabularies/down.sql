delete from action_types;
delete from cameo_codes;
delete from objectives;
delete from grounds;
delete from measures;
delete from identifier_schemes;
delete from relationship_kinds;
delete from actor_kinds;
