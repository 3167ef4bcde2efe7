create view bi.grounds as
select
  word.code as ground,
  word.label as ground_label,
  word.description
from grounds as word;
comment on view bi.grounds is 'Grounds for which targets are sanctioned; one row per ground';
comment on column bi.grounds.ground is 'The ground, as the stable code that records use';
comment on column bi.grounds.ground_label is 'The ground, in words';
comment on column bi.grounds.description is 'What the entry covers';
