drop function if exists action_links_to(uuid);
drop index revisions_links_idx;
