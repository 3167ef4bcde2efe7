-- A refresh after a few changes takes time for what changed, however large the registry and the dyad are: days are found
-- by an index, and what sanctions of a dyad bring to its years is added to and taken from, not counted anew.

-- As it is in the index: nobody knows the day where it is infinity.
drop index bi_store.action_dyads_dyad_idx;
-- With what is summed by week: a long dyad is read from here alone.
create index action_dyads_dyad_idx on bi_store.action_dyads (initiator_state_id, target_state_id, (coalesce(day, 'infinity')))
  include (day, goldstein, weight, modality, is_denied);
drop index bi_store.sanction_dyads_dyad_idx;
create index sanction_dyads_dyad_idx on bi_store.sanction_dyads (imposer_state_id, target_state_id, (coalesce(imposed_day, 'infinity')));
create index sanction_dyads_lifted_idx on bi_store.sanction_dyads (imposer_state_id, target_state_id, lifted_day)
  where lifted_day is not null;
create index sanction_dyads_expiring_idx on bi_store.sanction_dyads (imposer_state_id, target_state_id, expires_day)
  where expires_day is not null;
drop index bi_store.counter_sanctions_states_idx;
create index counter_sanctions_states_idx on bi_store.counter_sanctions (first_state_id, answering_state_id, answering_day);

create type bi_store.sanction_fact as (
  sort text,
  word text,
  outcome text,
  first_year integer,
  last_year integer
);
comment on type bi_store.sanction_fact is 'What a sanction brings to the years of its dyad';
comment on column bi_store.sanction_fact.sort is 'on_state or sanction (itself: on the state, or on somebody of it), measure, objective';
comment on column bi_store.sanction_fact.word is 'The measure or objective; empty for the sanction itself';
comment on column bi_store.sanction_fact.outcome is 'What came of the objective; empty for all else';
comment on column bi_store.sanction_fact.first_year is 'The first year of which it is true';
comment on column bi_store.sanction_fact.last_year is 'The last year of which it is true; 9999 while no end is known';

alter table bi_store.sanction_dyads add column facts bi_store.sanction_fact[] not null default '{}';
alter table bi_store.sanction_dyads alter column facts drop default;
comment on column bi_store.sanction_dyads.facts is 'What it brings to the years of the dyad; nothing where it is denied or the year unknown';

create table bi_store.sanction_spans (
  imposer_state_id uuid not null,
  target_state_id uuid not null,
  first_year integer not null,
  last_year integer not null,
  sort text not null,
  word text not null,
  outcome text not null,
  number integer not null,
  constraint sanction_spans_pkey primary key (imposer_state_id, target_state_id, first_year, last_year, sort, word, outcome)
);
comment on table bi_store.sanction_spans is 'How many sanctions of a state against another bring the same to the same years: sums of the facts of sanction_dyads, of which sanction_years is made';
comment on column bi_store.sanction_spans.imposer_state_id is 'The state that imposes';
comment on column bi_store.sanction_spans.target_state_id is 'The state that they count against';
comment on column bi_store.sanction_spans.first_year is 'The first year of which it is true';
comment on column bi_store.sanction_spans.last_year is 'The last year of which it is true; 9999 while no end is known';
comment on column bi_store.sanction_spans.sort is 'on_state or sanction (itself: on the state, or on somebody of it), measure, objective';
comment on column bi_store.sanction_spans.word is 'The measure or objective; empty for the sanction itself';
comment on column bi_store.sanction_spans.outcome is 'What came of the objective; empty for all else';
comment on column bi_store.sanction_spans.number is 'How many';

-- What is new is filled by the next refresh, which is full where none is on record.
delete from bi_store.refreshes;
