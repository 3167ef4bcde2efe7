select
  format(
    'name_history does not say when actors %s had the name %s, as its revisions do',
    coalesce(recorded.actor_id, named.actor_id), to_json(coalesce(recorded.plain_name, named.plain_name))
  ) as fault,
  count(*) over () as count
from name_history as recorded
full join names_by_revisions as named
  on named.sequence = recorded.sequence
  and named.actor_id = recorded.actor_id
  and named.plain_name = recorded.plain_name
where (recorded.recorded_at, recorded.superseded_at) is distinct from (named.recorded_at, named.superseded_at)
order by coalesce(recorded.sequence, named.sequence), 1
limit 
