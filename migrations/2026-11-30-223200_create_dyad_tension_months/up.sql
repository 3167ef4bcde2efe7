-- The tension of dyads by month, beside that by week.
create table bi_store.dyad_tension_months (
  initiator_state_id uuid not null,
  target_state_id uuid not null,
  month date not null,
  actions integer not null,
  goldstein_sum numeric not null,
  score double precision not null,
  score_unweighted double precision not null,
  constraint dyad_tension_months_pkey primary key (initiator_state_id, target_state_id, month)
);
create index dyad_tension_months_target_state_id_idx on bi_store.dyad_tension_months (target_state_id);
create index dyad_tension_months_month_idx on bi_store.dyad_tension_months (month);
comment on table bi_store.dyad_tension_months is 'The decayed Goldstein score of what a state did to another, at the end of each month';
comment on column bi_store.dyad_tension_months.initiator_state_id is 'The state that acted';
comment on column bi_store.dyad_tension_months.target_state_id is 'The state against which the act counts';
comment on column bi_store.dyad_tension_months.month is 'First day of the month';
comment on column bi_store.dyad_tension_months.actions is 'Actions that count, in this month';
comment on column bi_store.dyad_tension_months.goldstein_sum is 'Sum of their Goldstein scores';
comment on column bi_store.dyad_tension_months.score is 'Decayed score, each action weighted by grade';
comment on column bi_store.dyad_tension_months.score_unweighted is 'Decayed score, every action with the same weight';

-- The next refresh computes everything.
delete from bi_store.refreshes;
