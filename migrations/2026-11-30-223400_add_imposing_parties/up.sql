-- The party whose act a sanction is, never null: a state, an organization such as the European Union, or the imposer itself.
alter table bi_store.states add column code text;
update bi_store.states set code = coalesce(iso_code, name);
alter table bi_store.states alter column code set not null;
comment on table bi_store.states is 'The ends of dyads: states, former ones among them, intergovernmental organizations that are no body of another one, and what else has an ISO code, such as territories; with the codes that dashboards filter by';
comment on column bi_store.states.code is 'Its ISO 3166 code, else its acronym (identifiers of scheme igo), else its name';
comment on table bi_store.actor_ties is 'For which states, and for which intergovernmental organizations that are parties (is_party), acts of an actor count, itself if it is one, by every chain of ties that counts: what acts_for finds, for all actors at once';
comment on column bi_store.actor_ties.is_state is 'True for a state, false for an organization such as the European Union';

alter table bi_store.actor_states
  add column party_depends_on_day boolean not null default false,
  add column imposing_party_id uuid;
alter table bi_store.actor_states alter column party_depends_on_day drop default;
update bi_store.actor_states
set
  party_depends_on_day = depends_on_day,
  imposing_party_id = case when not depends_on_day then coalesce(imposer_state_id, actor_id) end;
comment on table bi_store.actor_states is 'The one state that acts of, and against, an actor count for, and the party whose acts its acts are, if they are the same on every day; actors without a state and a party other than themselves have no row';
comment on column bi_store.actor_states.party_depends_on_day is 'Whether a tie to a state or an organization has a day: then sanction_states has the imposing party of each sanction, and imposing_party_id is null';
comment on column bi_store.actor_states.imposing_party_id is 'The result of imposing_party, the same on every day';

alter table bi_store.sanction_states add column imposing_party_id uuid;
update bi_store.sanction_states as stored
set imposing_party_id = coalesce(stored.imposer_state_id, sanction.imposer_id)
from sanctions as sanction
where sanction.id = stored.sanction_id;
delete from bi_store.sanction_states where imposing_party_id is null;
alter table bi_store.sanction_states alter column imposing_party_id set not null;
comment on table bi_store.sanction_states is 'The states and the imposing party of those sanctions whose imposer or target depends on the day; the row has all of them';
comment on column bi_store.sanction_states.imposing_party_id is 'The party whose act it is: the state, else the organization, else the imposer';

-- The next refresh computes everything.
delete from bi_store.refreshes;
