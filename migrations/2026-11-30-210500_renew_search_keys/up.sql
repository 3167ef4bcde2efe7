-- The search key of a name leaves out brackets and commas now. Stored keys are renewed, without versions: no record changes.
alter table actors disable trigger user;
update actors set name = name where plain_name <> plain_name(name);
alter table actors enable trigger user;
alter table actor_names disable trigger user;
update actor_names set name = name where plain_name <> plain_name(name);
alter table actor_names enable trigger user;
-- The key of a key is the key of the name.
update name_history set plain_name = plain_name(plain_name) where plain_name <> plain_name(plain_name);
