drop trigger sources_update_is_noted on sources;
do $$
declare
  record text;
begin
  foreach record in array array['relationship_kinds', 'cameo_codes', 'countries'] loop
    execute format('drop trigger %1$s_change_is_noted on %1$I', record);
  end loop;
  foreach record in array array['sanctions', 'diplomatic_actions', 'relationships', 'actors'] loop
    execute format('drop trigger %1$s_insert_is_noted on %1$I', record);
    execute format('drop trigger %1$s_update_is_noted on %1$I', record);
    execute format('drop trigger %1$s_delete_is_noted on %1$I', record);
  end loop;
end
$$;
drop function note_changed_vocabulary();
drop function note_changed_reliability();
drop function note_changed_records();
drop table bi_store.participant_states;
drop table bi_store.sanction_states;
drop table bi_store.actor_states;
drop table bi_store.actor_ties;
drop table bi_store.states;
drop table bi_store.changed_records;
drop schema bi_store;
