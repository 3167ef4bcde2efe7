drop statistics revisions_kind_statistics;
drop index revisions_code_idx;
drop index revisions_names_idx;
drop index revisions_keys_idx;
drop function revision_names(jsonb);
drop function revision_keys(text, jsonb);
