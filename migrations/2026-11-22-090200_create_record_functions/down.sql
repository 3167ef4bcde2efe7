drop table secrets;
drop function plain_name(text);
drop function keep_version(text);
drop function keep_version_of_children(text, text, text);
drop function touch_record();
drop function move_version();
drop function is_text_lists(jsonb);
drop function uuid_v7();
