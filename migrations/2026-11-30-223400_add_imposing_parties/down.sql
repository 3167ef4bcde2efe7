alter table bi_store.sanction_states drop column imposing_party_id;
comment on table bi_store.sanction_states is 'The states of those sanctions whose imposer or target depends on the day; the row has both states';

alter table bi_store.actor_states
  drop column party_depends_on_day,
  drop column imposing_party_id;
comment on table bi_store.actor_states is 'The one state that acts of, and against, an actor count for, if it is the same on every day; actors without a state have no row';

comment on column bi_store.actor_ties.is_state is 'True for a state, false for the European Union';
comment on table bi_store.actor_ties is 'For which states, and for which intergovernmental organizations with an ISO code (the European Union), acts of an actor count, itself if it is one, by every chain of ties that counts: what acts_for finds, for all actors at once';
alter table bi_store.states drop column code;
comment on table bi_store.states is 'States, former ones among them, and what else has an ISO code: territories and the European Union; with the codes that dashboards filter by';
delete from bi_store.refreshes;
