-- They read tables, and are for the registry's own role and for the views that stand on them.

revoke execute on function
  state_of_imposer(uuid, date, date),
  state_of_target(uuid, date, date),
  state_of_participant(uuid, participant_role, uuid),
  name_of_state(uuid),
  code_of_state(uuid),
  alpha3_of_state(uuid),
  note_changed_records(),
  note_changed_reliability(),
  note_changed_vocabulary()
from public;
