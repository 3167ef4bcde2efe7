-- Functions stay, but for those that need what goes here: migrate loads them again.
drop function if exists property_value_fault(text, text[], text);
drop table action_types;
drop table cameo_codes;
drop table objectives;
drop table grounds;
drop table measures;
drop table identifier_schemes;
drop table relationship_kinds;
drop table actor_kinds;
drop table countries;

drop function state_of_participant(uuid, participant_role, uuid);
drop function grade_weight(source_reliability, smallint);
drop function admiralty_grade(source_reliability, smallint);
drop type sanction_outcome;
drop type citation_stance;
drop type source_reliability;
drop type source_kind;
drop type link_kind;
drop type participant_role;
drop type country_role;
drop type name_kind;
drop type modality;
drop type claim_status;

drop function name_patterns(text[]);
drop function if exists property_keys(jsonb);
drop function plain_names(jsonb);
drop function normal_identifier(text, text);
drop function compact_key(text);
drop function plain_name(text);
drop extension pg_trgm;
