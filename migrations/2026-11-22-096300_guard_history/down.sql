drop trigger chain_head_refuse_rewriting on chain_head;
drop trigger chain_head_refuse_truncate on chain_head;
drop trigger chain_head_refuse_deleting on chain_head;
alter table revisions drop constraint revisions_backdated_to_is_past_check;
drop function begin_version() cascade;
