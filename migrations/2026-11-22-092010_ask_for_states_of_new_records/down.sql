drop function first_id_since(timestamptz);
drop function alpha3_of_state(uuid);
drop function code_of_state(uuid);
drop function name_of_state(uuid);
drop function state_of_participant(uuid, participant_role, uuid);
drop function state_of_target(uuid, date, date);
drop function state_of_imposer(uuid, date, date);
