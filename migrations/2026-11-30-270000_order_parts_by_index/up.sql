-- A page reads the citations and the keys of each of its records in their order: an index that has the whole order saves a sort
-- for each record.
drop index citations_relationship_id_idx;
create index citations_relationship_id_idx on citations (relationship_id, position, id) where relationship_id is not null;
drop index citations_sanction_id_idx;
create index citations_sanction_id_idx on citations (sanction_id, position, id) where sanction_id is not null;
drop index citations_action_id_idx;
create index citations_action_id_idx on citations (action_id, position, id) where action_id is not null;
drop index external_keys_actor_id_idx;
create index external_keys_actor_id_idx on external_keys (actor_id, position, scheme, value) where actor_id is not null;
drop index external_keys_relationship_id_idx;
create index external_keys_relationship_id_idx on external_keys (relationship_id, position, scheme, value) where relationship_id is not null;
drop index external_keys_programme_id_idx;
create index external_keys_programme_id_idx on external_keys (programme_id, position, scheme, value) where programme_id is not null;
drop index external_keys_sanction_id_idx;
create index external_keys_sanction_id_idx on external_keys (sanction_id, position, scheme, value) where sanction_id is not null;
drop index external_keys_action_id_idx;
create index external_keys_action_id_idx on external_keys (action_id, position, scheme, value) where action_id is not null;
drop index external_keys_source_id_idx;
create index external_keys_source_id_idx on external_keys (source_id, position, scheme, value) where source_id is not null;
