drop table programmes;
drop table sources;
