select unregister_record(resource) from record_kinds;

drop table record_children;
drop table record_kinds;
drop table merge_moves;
drop table merge_gains;
drop table merged_actors;
drop view names_by_revisions;
drop table name_history;
drop table chain_head;
drop table changes;
drop table outbox;
drop function link_sha256(bytea, bigint, timestamptz, boolean, revisions);
drop table revisions;
drop type revision_operation;
