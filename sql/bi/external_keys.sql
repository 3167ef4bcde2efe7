create view bi.external_keys as
select
  case
    when key.actor_id is not null then 'actors'
    when key.relationship_id is not null then 'relationships'
    when key.programme_id is not null then 'programmes'
    when key.sanction_id is not null then 'sanctions'
    when key.action_id is not null then 'diplomatic-actions'
    else 'sources'
  end as resource,
  coalesce(
    key.actor_id, key.relationship_id, key.programme_id, key.sanction_id, key.action_id, key.source_id
  ) as record_id,
  key.scheme,
  key.value as key_value,
  key.position
from external_keys as key;
comment on view bi.external_keys is 'Keys by which other systems know records, in long form; one row per key';
comment on column bi.external_keys.resource is 'What the record is: actors, relationships, programmes, sanctions, diplomatic-actions or sources';
comment on column bi.external_keys.record_id is 'Id of the record: actor_id, sanction_id or another by the resource';
comment on column bi.external_keys.scheme is 'The other system, or its numbering';
comment on column bi.external_keys.key_value is 'The key in that system';
comment on column bi.external_keys.position is 'Order of the keys in the record, from 0';
