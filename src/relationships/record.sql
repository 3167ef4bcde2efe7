{object}(
  'id', relationship.id,
  'subject', {actor:relationship.subject_id},
  'kind', relationship.kind,
  'object', {actor:relationship.object_id},
  'role', relationship.role,
  'share_percent', case
    when relationship.share_percent_min = relationship.share_percent_max then {value:relationship.share_percent_min}
    when relationship.share_percent_min < relationship.share_percent_max then
      {object}('min', relationship.share_percent_min, 'max', relationship.share_percent_max)
  end,
  'started_on', relationship.started_on,
  'ended_on', relationship.ended_on,
  'description', relationship.description,
  'claim_status', relationship.claim_status,
  'citations', {citations},
  'properties', relationship.properties,
  'external_keys', {external_keys},
  'version', relationship.version,
  'created_at', {time:relationship.created_at},
  'updated_at', {time:relationship.updated_at}
)
