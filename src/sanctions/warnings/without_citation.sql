select
  sanction.id,
  '/citations' as pointer,
  'names no source; cite one that says so' as detail
from sanctions as sanction
where not exists (select from citations as citation where citation.sanction_id = sanction.id)
