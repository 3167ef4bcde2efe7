drop table sanction_objectives;
drop table sanction_grounds;
drop table sanction_measures;
drop table sanction_programmes;
drop table sanctions;
