-- The share of a relationship: an interval of percentages, whose ends are equal if it is known exactly.

alter table relationships drop constraint relationships_share_percent_check;
alter table relationships rename column share_percent to share_percent_min;
alter table relationships add column share_percent_max numeric(5, 2);
-- Documents of revisions stay true: they have a number where both ends are equal. So no version moves.
alter table relationships disable trigger user;
update relationships set share_percent_max = share_percent_min where share_percent_min is not null;
alter table relationships enable trigger user;
alter table relationships
  add constraint relationships_share_percent_check check (
    num_nulls(share_percent_min, share_percent_max) <> 1
    and share_percent_min >= 0
    and share_percent_max <= 100
    and share_percent_min <= share_percent_max
  );
create index relationships_share_percent_min_idx on relationships (share_percent_min, id);
comment on column relationships.share_percent_min is 'Least share owned, 0 to 100, in percent; the same as share_percent_max where it is known exactly';
comment on column relationships.share_percent_max is 'Most share owned, 0 to 100, in percent';
