create view bi.action_types as
select
  word.code as type,
  word.label as type_label,
  word.cameo_code,
  cameo.label as cameo_label,
  cameo.quad_class,
  cameo.goldstein,
  word.description
from action_types as word
left join cameo_codes as cameo on cameo.code = word.cameo_code;
comment on view bi.action_types is 'Types of diplomatic actions; one row per type';
comment on column bi.action_types.type is 'The type, as the stable code that records use';
comment on column bi.action_types.type_label is 'The type, in words';
comment on column bi.action_types.cameo_code is 'CAMEO code of an action of this type that has no CAMEO code of its own';
comment on column bi.action_types.cameo_label is 'Label of the CAMEO code';
comment on column bi.action_types.quad_class is '1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict';
comment on column bi.action_types.goldstein is 'Goldstein score of the CAMEO code, from -10 (most conflictual) to 10 (most cooperative)';
comment on column bi.action_types.description is 'What the entry covers';
