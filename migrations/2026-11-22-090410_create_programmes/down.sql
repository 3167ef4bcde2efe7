drop table programmes;
