create view bi.property_names as
select
  word.code as property,
  word.label as property_label,
  word.value_type,
  array_to_string(word.words, ';') as words,
  array_to_string(word.applies_to, ';') as applies_to,
  word.ftm_name,
  word.description
from property_names as word;
comment on view bi.property_names is 'Registered names of properties; one row per name';
comment on column bi.property_names.property is 'The name, as the stable code that records use';
comment on column bi.property_names.property_label is 'The name, in words';
comment on column bi.property_names.value_type is 'What each value is: text, word, date, number, country or url';
comment on column bi.property_names.words is 'The words that are allowed, joined by ;; empty unless the type is word';
comment on column bi.property_names.applies_to is 'The records that the name is meant for, joined by ;: resources, or kinds of actors such as actors/vessel; empty for all';
comment on column bi.property_names.ftm_name is 'Name of the property in FollowTheMoney; null if it has none';
comment on column bi.property_names.description is 'What the entry covers';
