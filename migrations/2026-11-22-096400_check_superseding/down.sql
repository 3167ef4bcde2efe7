drop trigger name_history_superseding_check on name_history;
drop trigger changes_superseding_check on changes;
drop function check_superseding();
