-- One entry of a list may come again when the earlier one ended: unique is what can overlap in time.

create extension if not exists btree_gist;

drop index sanctions_list_key;
alter table sanctions
  add constraint sanctions_list_excl exclude using gist (
    (list_code || chr(31) || coalesce(list_part, '') || chr(31) || list_uid) with =,
    list_entry_days(starts_earliest, lifted_on_latest, expires_on_latest) with &&
  ) where (list_uid is not null and claim_status not in ('denied', 'retracted')) deferrable initially immediate;
comment on column sanctions.list_uid is 'The number of the entry on that list; one entry is in one sanction at a time';
