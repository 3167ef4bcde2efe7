create view bi.sanction_objectives as
select
  wanted.sanction_id,
  wanted.position,
  wanted.objective,
  objective.label as objective_label,
  wanted.outcome::text as outcome,
  sanction.claim_status not in ('denied', 'retracted') as counts
from sanction_objectives as wanted
left join sanctions as sanction on sanction.id = wanted.sanction_id
left join objectives as objective on objective.code = wanted.objective;
comment on view bi.sanction_objectives is 'Objectives of sanctions, with their outcomes; one row per sanction and objective';
comment on column bi.sanction_objectives.sanction_id is 'Id of the sanction';
comment on column bi.sanction_objectives.position is 'Order of the objectives in the record, from 0';
comment on column bi.sanction_objectives.objective is 'The objective, as a code of objectives';
comment on column bi.sanction_objectives.objective_label is 'The objective, in words';
comment on column bi.sanction_objectives.outcome is 'Outcome of the objective: ongoing, success_total, success_part, nego_settlement, failed; null if not judged';
comment on column bi.sanction_objectives.counts is 'True if the sanction counts: its claim is neither denied nor retracted';
