drop index relationships_share_percent_min_idx;
alter table relationships drop constraint relationships_share_percent_check;
alter table relationships drop column share_percent_max;
alter table relationships rename column share_percent_min to share_percent;
alter table relationships
  add constraint relationships_share_percent_check check (share_percent between 0 and 100);
comment on column relationships.share_percent is 'Share owned, 0 to 100, in percent';
