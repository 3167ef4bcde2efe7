select imposer_state_id, target_state_id, first_year, last_year, sort, word, outcome, number
from changed_spans
where number > 0
