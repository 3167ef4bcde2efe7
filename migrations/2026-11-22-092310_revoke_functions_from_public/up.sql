-- PostgreSQL lets everybody run a function that nobody said anything about. Those that read tables, or change them, are for
-- the registry's own role; migrating lets the group of BI logins run those that views of schema bi stand on, and no other.
-- Functions of triggers can be called by nobody.

revoke execute on function
  states_acted_for(uuid, date, date),
  acts_for(uuid, uuid, date, date),
  imposer_state(uuid, date, date),
  target_state(uuid, date, date),
  actors_acting_for(uuid),
  actors_of_one_state(uuid),
  actors_counted_against(uuid),
  keep_version(text),
  keep_version_of_children(text, text, text)
from public;
