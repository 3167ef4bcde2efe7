create or replace function entry_id(vocabulary text, code text) returns uuid
language sql immutable strict parallel safe
return md5(vocabulary || ':' || code)::uuid;
comment on function entry_id(text, text) is 'By what revisions know an entry of a vocabulary, which has no id of its own';
