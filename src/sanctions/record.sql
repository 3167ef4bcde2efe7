{object}(
  'id', sanction.id,
  'imposer', {actor:sanction.imposer_id},
  'target', {actor:sanction.target_id},
  'programmes', (
    select coalesce({list}({programme:basis.programme_id} order by basis.position), '[]')
    from sanction_programmes as basis
    where basis.sanction_id = sanction.id
  ),
  'measures', (
    select coalesce({list}({object}(
      'measure', taken.measure, 'from', taken."from", 'until', taken.until
    ) order by taken.position), '[]')
    from sanction_measures as taken
    where taken.sanction_id = sanction.id
  ),
  'grounds', (
    select coalesce({list}(stated.ground order by stated.position), '[]')
    from sanction_grounds as stated
    where stated.sanction_id = sanction.id
  ),
  'objectives', (
    select coalesce({list}({object}(
      'objective', pursued.objective, 'outcome', pursued.outcome
    ) order by pursued.position), '[]')
    from sanction_objectives as pursued
    where pursued.sanction_id = sanction.id
  ),
  'reason', sanction.reason,
  'legal_basis', sanction.legal_basis,
  'provisions', sanction.provisions,
  'announced_on', sanction.announced_on,
  'imposed_on', sanction.imposed_on,
  'effective_on', sanction.effective_on,
  'expires_on', sanction.expires_on,
  'lifted_on', sanction.lifted_on,
  'lift_reason', sanction.lift_reason,
  {response:'status', sanction_status(sanction, given.day),}
  {response:'status_certain', sanction_status_is_certain(sanction, given.day),}
  'claim_status', sanction.claim_status,
  'action', {action:sanction.action_id},
  'list_code', sanction.list_code,
  'list_part', sanction.list_part,
  'list_uid', sanction.list_uid,
  'citations', {citations},
  'properties', sanction.properties,
  'external_keys', {external_keys},
  'version', sanction.version,
  'created_at', {time:sanction.created_at},
  'updated_at', {time:sanction.updated_at}
)
