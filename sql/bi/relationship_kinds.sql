create view bi.relationship_kinds as
select
  word.code as kind,
  word.label as kind_label,
  word.inverse_label,
  word.counts_for_state,
  word.description
from relationship_kinds as word;
comment on view bi.relationship_kinds is 'Kinds of ties between two actors, read from subject to object; one row per kind';
comment on column bi.relationship_kinds.kind is 'The kind, as the stable code that records use';
comment on column bi.relationship_kinds.kind_label is 'The kind, in words';
comment on column bi.relationship_kinds.inverse_label is 'The relationship in words, as read from the object';
comment on column bi.relationship_kinds.counts_for_state is 'Whether an act of the subject counts for the state at the end of the object';
comment on column bi.relationship_kinds.description is 'What the entry covers';
