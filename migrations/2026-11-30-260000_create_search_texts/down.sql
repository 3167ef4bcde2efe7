drop view current_search_texts;
drop table search_texts;
