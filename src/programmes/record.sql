json_build_object(
  'id', programme.id,
  'code', programme.code,
  'name', programme.name,
  'imposer', (
    select json_build_object('id', imposer.id, 'name', imposer.name, 'kind', imposer.kind)
    from actors as imposer
    where imposer.id = programme.imposer_id
  ),
  'legal_basis', programme.legal_basis,
  'url', programme.url,
  'description', programme.description,
  'properties', programme.properties,
  'external_keys', {external_keys},
  'version', programme.version,
  'created_at', programme.created_at,
  'updated_at', programme.updated_at
)
