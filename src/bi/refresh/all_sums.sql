insert into changed_sanction_dyads (imposer_state_id, target_state_id)
select distinct imposer_state_id, target_state_id from bi_store.sanction_dyads;
analyze changed_sanction_dyads;
insert into changed_dyads (initiator_state_id, target_state_id)
select distinct initiator_state_id, target_state_id from bi_store.action_dyads
union
select imposer_state_id, target_state_id from changed_sanction_dyads;
analyze changed_dyads;
insert into changed_targets (target_id) select distinct target_id from sanctions;
analyze changed_targets;
insert into changed_announcements (id) select distinct action_id from sanctions where action_id is not null;
analyze changed_announcements;
insert into changed_chains (id)
select distinct linked_action_id from action_links where kind in ('responds_to', 'retaliates_for', 'escalates');
analyze changed_chains;
