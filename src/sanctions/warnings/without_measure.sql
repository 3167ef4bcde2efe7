select
  sanction.id,
  '/measures' as pointer,
  'names no measure; say what the sanction restricts' as detail
from sanctions as sanction
where not exists (select from sanction_measures as taken where taken.sanction_id = sanction.id)
