drop index revisions_ended_idx;
