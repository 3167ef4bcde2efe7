json_build_object(
  'id', sanction.id,
  'imposer', (
    select json_build_object('id', imposer.id, 'name', imposer.name, 'kind', imposer.kind)
    from actors as imposer
    where imposer.id = sanction.imposer_id
  ),
  'target', (
    select json_build_object('id', target.id, 'name', target.name, 'kind', target.kind)
    from actors as target
    where target.id = sanction.target_id
  ),
  'programmes', (
    select coalesce(json_agg(json_build_object(
      'id', programme.id, 'code', programme.code, 'name', programme.name
    ) order by basis.position), '[]')
    from sanction_programmes as basis
    join programmes as programme on programme.id = basis.programme_id
    where basis.sanction_id = sanction.id
  ),
  'measures', (
    select coalesce(json_agg(json_build_object(
      'measure', taken.measure, 'from', taken."from", 'until', taken.until
    ) order by taken.position), '[]')
    from sanction_measures as taken
    where taken.sanction_id = sanction.id
  ),
  'grounds', (
    select coalesce(json_agg(stated.ground order by stated.position), '[]')
    from sanction_grounds as stated
    where stated.sanction_id = sanction.id
  ),
  'objectives', (
    select coalesce(json_agg(json_build_object(
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
  'status', sanction_status(sanction, given.day),
  'status_certain', sanction_status_is_certain(sanction, given.day),
  'claim_status', sanction.claim_status,
  'action', (
    select json_build_object('id', action.id, 'title', action.title)
    from diplomatic_actions as action
    where action.id = sanction.action_id
  ),
  'list_code', sanction.list_code,
  'list_part', sanction.list_part,
  'list_uid', sanction.list_uid,
  'citations', {citations},
  'properties', sanction.properties,
  'external_keys', {external_keys},
  'version', sanction.version,
  'created_at', sanction.created_at,
  'updated_at', sanction.updated_at
)
