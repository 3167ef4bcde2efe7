create view bi.cameo_codes as
select
  word.code as cameo_code,
  word.label as cameo_label,
  word.root as cameo_root,
  root.label as cameo_root_label,
  word.quad_class,
  case word.quad_class
    when 1 then 'Verbal cooperation'
    when 2 then 'Material cooperation'
    when 3 then 'Verbal conflict'
    when 4 then 'Material conflict'
  end as quad_class_label,
  word.goldstein,
  word.goldstein_from,
  word.description
from cameo_codes as word
left join cameo_codes as root on root.code = word.root;
comment on view bi.cameo_codes is 'CAMEO event codes with quad class and Goldstein score; one row per code';
comment on column bi.cameo_codes.cameo_code is 'The CAMEO code, as the stable code that records use';
comment on column bi.cameo_codes.cameo_label is 'The CAMEO code, in words';
comment on column bi.cameo_codes.cameo_root is 'The first two digits, 01 to 20';
comment on column bi.cameo_codes.cameo_root_label is 'Label of the CAMEO root';
comment on column bi.cameo_codes.quad_class is '1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict';
comment on column bi.cameo_codes.quad_class_label is 'The quad class, in words';
comment on column bi.cameo_codes.goldstein is 'Goldstein score, from -10 (most conflictual) to 10 (most cooperative)';
comment on column bi.cameo_codes.goldstein_from is 'Parent code whose score this code has, because none is published for it; null if the score is its own';
comment on column bi.cameo_codes.description is 'What the entry covers';
