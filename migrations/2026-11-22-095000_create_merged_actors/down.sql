drop table merge_moves;
drop table merge_gains;
drop table merged_actors;
