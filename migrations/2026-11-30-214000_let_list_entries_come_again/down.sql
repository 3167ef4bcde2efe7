alter table sanctions drop constraint sanctions_list_excl;
create unique index sanctions_list_key on sanctions (list_code, coalesce(list_part, ''), list_uid)
  where list_uid is not null and lifted_on is null;
comment on column sanctions.list_uid is 'The number of the entry on that list; one entry is in one sanction that is not lifted';

drop function list_entry_days(date, date, date);
drop extension btree_gist;
