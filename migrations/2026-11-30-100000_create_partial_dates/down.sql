drop domain partial_date;
