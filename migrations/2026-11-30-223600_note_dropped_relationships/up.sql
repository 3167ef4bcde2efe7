-- Relationships that say the same after a merge: one stays, and undoing the merge restores the others.
alter table merge_moves
  add column kept_id uuid,
  add constraint merge_moves_kept_id_check check (kept_id is null or was_dropped and resource = 'relationships');
create index merge_moves_dropped_idx on merge_moves (record_id) where kept_id is not null;
comment on column merge_moves.was_dropped is 'Whether the other took part in the same role already, so that nothing had to move, or the relationship became equal to another and was dropped';
comment on column merge_moves.kept_id is 'Of a relationship that was dropped: the one that stayed and has its citations; no foreign key, because it may have been dropped or deleted since';
