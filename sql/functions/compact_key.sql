create or replace function compact_key(key text) returns text
language sql immutable strict parallel safe
-- Some characters become many: an index holds at most 2,704 bytes.
return left(translate(plain_name(key), ' ./_:+#', ''), 500);
comment on function compact_key(text) is 'A key without capitals, blanks and punctuation: spellings that a reader takes for one';
