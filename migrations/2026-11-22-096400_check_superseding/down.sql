drop trigger known_names_superseding_check on known_names;
drop trigger changes_superseding_check on changes;
drop function check_superseding();
