alter table bi_store.dyad_months drop column joint_actions;
delete from bi_store.action_dyads where is_joint;
alter table bi_store.action_dyads drop column is_joint;
comment on table bi_store.action_dyads is 'Which state''s act an action is, and against which: a row for each pair of states; an act between bodies of one state is no act between states';
delete from bi_store.refreshes;
