drop table external_keys;
drop table citations;
