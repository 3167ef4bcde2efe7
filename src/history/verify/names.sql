select
  format(
    'known_names does not say when actors %s was known as %s, as its revisions do',
    coalesce(known.actor_id, named.actor_id), to_json(coalesce(known.plain_name, named.plain_name))
  ) as fault,
  count(*) over () as count
from known_names as known
full join names_by_revisions as named
  on named.sequence = known.sequence
  and named.actor_id = known.actor_id
  and named.plain_name = known.plain_name
where (known.recorded_at, known.superseded_at) is distinct from (named.recorded_at, named.superseded_at)
order by coalesce(known.sequence, named.sequence), 1
limit 
