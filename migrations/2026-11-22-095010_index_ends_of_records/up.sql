-- A record that is gone is looked for by the keys that it had at its end.
create index revisions_ended_idx on revisions (resource, id) where document is null;
