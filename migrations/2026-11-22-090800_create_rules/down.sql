drop function admiralty_grade(source_reliability, smallint);
drop function sanction_status_is_certain(sanctions, date);
drop function sanction_status(sanctions, date);
drop function target_state(uuid, date, date);
drop function imposer_state(uuid, date, date);
drop function acts_for(uuid, uuid, date, date);
drop function states_acted_for(uuid, date, date);
