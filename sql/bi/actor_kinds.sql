create view bi.actor_kinds as
select
  word.code as kind,
  word.label as kind_label,
  word.description
from actor_kinds as word;
comment on view bi.actor_kinds is 'Kinds of actors; one row per kind';
comment on column bi.actor_kinds.kind is 'The kind, as the stable code that records use';
comment on column bi.actor_kinds.kind_label is 'The kind, in words';
comment on column bi.actor_kinds.description is 'What the entry covers';
