drop domain partial_date;
drop function partial_date_in_order(text, text);
drop function partial_date_is_exact(text);
drop function partial_date_sort_day(text);
drop function partial_date_latest(text);
drop function partial_date_earliest(text);
drop function partial_date_is_valid(text);
