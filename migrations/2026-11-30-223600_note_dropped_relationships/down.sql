alter table merge_moves drop column kept_id;
comment on column merge_moves.was_dropped is 'Whether the other took part in the same role already, so that nothing had to move';
