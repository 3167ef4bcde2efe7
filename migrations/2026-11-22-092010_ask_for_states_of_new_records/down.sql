drop function state_of_participant(uuid, participant_role, uuid);
drop function state_of_target(uuid, date, date);
drop function state_of_imposer(uuid, date, date);
