drop function partial_date_precision(text);
