create view bi.measures as
select
  word.code as measure,
  word.label as measure_label,
  word.description
from measures as word;
comment on view bi.measures is 'Measures of sanctions; one row per measure';
comment on column bi.measures.measure is 'The measure, as the stable code that records use';
comment on column bi.measures.measure_label is 'The measure, in words';
comment on column bi.measures.description is 'What the entry covers';
