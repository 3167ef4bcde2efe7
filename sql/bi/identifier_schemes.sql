create view bi.identifier_schemes as
select
  word.code as scheme,
  word.label as scheme_label,
  word.is_unique,
  word.pattern,
  word.description
from identifier_schemes as word;
comment on view bi.identifier_schemes is 'Schemes of identifiers of actors; one row per scheme';
comment on column bi.identifier_schemes.scheme is 'The scheme, as the stable code that records use';
comment on column bi.identifier_schemes.scheme_label is 'The scheme, in words';
comment on column bi.identifier_schemes.is_unique is 'True if a value belongs to one actor; false if several actors can have it, as in real lists';
comment on column bi.identifier_schemes.pattern is 'Regular expression that every value matches; null if any text is valid';
comment on column bi.identifier_schemes.description is 'What the entry covers';
