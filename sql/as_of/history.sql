-- History is not mirrored: its rows say from when to when they hold, and a read compares that with the moment.
create view as_of.revisions as select * from public.revisions;
comment on view as_of.revisions is 'All revisions, of any moment';
create view as_of.changes as select * from public.changes;
comment on view as_of.changes is 'All changes, of any moment';
create view as_of.name_history as select * from public.name_history;
comment on view as_of.name_history is 'All names of actors, of any moment';
