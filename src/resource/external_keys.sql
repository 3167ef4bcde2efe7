(
  select coalesce({list}({object}(
    'scheme', key.scheme, 'value', key.value
  ) order by key.position, key.scheme, key.value), '[]')
  from external_keys as key
  where key.{reference} = {id}
)
