drop table merge_moves;
drop table merged_actors;
