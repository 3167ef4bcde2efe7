create view bi.objectives as
select
  word.code as objective,
  word.label as objective_label,
  word.description
from objectives as word;
comment on view bi.objectives is 'Objectives of sanctions: the nine of the Global Sanctions Data Base; one row per objective';
comment on column bi.objectives.objective is 'The objective, as the stable code that records use';
comment on column bi.objectives.objective_label is 'The objective, in words';
comment on column bi.objectives.description is 'What the entry covers';
