insert into changed_actions (id) select id from diplomatic_actions;
analyze changed_actions;
insert into changed_sanctions (id) select id from sanctions;
analyze changed_sanctions;
