json_build_object(
  'id', relationship.id,
  'subject', (
    select json_build_object('id', subject.id, 'name', subject.name, 'kind', subject.kind)
    from actors as subject
    where subject.id = relationship.subject_id
  ),
  'kind', relationship.kind,
  'object', (
    select json_build_object('id', object.id, 'name', object.name, 'kind', object.kind)
    from actors as object
    where object.id = relationship.object_id
  ),
  'role', relationship.role,
  'share_percent', relationship.share_percent,
  'started_on', relationship.started_on,
  'ended_on', relationship.ended_on,
  'description', relationship.description,
  'claim_status', relationship.claim_status,
  'citations', {citations},
  'properties', relationship.properties,
  'external_keys', {external_keys},
  'version', relationship.version,
  'created_at', relationship.created_at,
  'updated_at', relationship.updated_at
)
