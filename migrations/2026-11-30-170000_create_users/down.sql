drop table secrets;
drop table loads;
drop table idempotency_keys;
drop table tokens;
drop table users;
drop type user_role;
