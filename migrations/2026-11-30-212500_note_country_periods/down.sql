comment on column bi_store.actor_states.depends_on_day is 'Whether one of its ties has a day: then sanction_states and participant_states have the states of each act, and the two columns here are null';
alter table bi_store.actor_states drop column country_periods;
