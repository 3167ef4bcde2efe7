insert into changed_actors (id) select id from actors;
analyze changed_actors;
