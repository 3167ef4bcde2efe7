alter table bi_store.actor_states add column country_periods text;
comment on column bi_store.actor_states.country_periods is 'Its countries with their dates, if one has a date: then target_state decides for each act, and country_state_id is null; null if its countries are the same on every day';
comment on column bi_store.actor_states.depends_on_day is 'Whether one of its ties or countries has a day: then sanction_states and participant_states have the states of each act, and imposer_state_id and target_state_id are null';
