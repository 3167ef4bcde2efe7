-- Acts that states do jointly, without a target, are acts between them.
alter table bi_store.action_dyads add column is_joint boolean not null default false;
alter table bi_store.action_dyads alter column is_joint drop default;
comment on column bi_store.action_dyads.is_joint is 'Whether both states are among its initiators, and it has no target: then it has a row in both directions';
comment on table bi_store.action_dyads is 'Which state''s act an action is, and against which, or with which: a row for each pair of states; an act between bodies of one state is no act between states';
alter table bi_store.dyad_months add column joint_actions integer not null default 0;
alter table bi_store.dyad_months alter column joint_actions drop default;
comment on column bi_store.dyad_months.joint_actions is 'Of the actions that count, those that both states did jointly';

-- The next refresh computes everything.
delete from bi_store.refreshes;
