{object}(
  'id', programme.id,
  'code', programme.code,
  'name', programme.name,
  'imposer', {actor:programme.imposer_id},
  'legal_basis', programme.legal_basis,
  'url', programme.url,
  'description', programme.description,
  'properties', programme.properties,
  'external_keys', {external_keys},
  'version', programme.version,
  'created_at', {time:programme.created_at},
  'updated_at', {time:programme.updated_at}
)
