-- What one transaction at a time may do is guarded by a row that it locks. Any login may take any advisory lock, and so
-- hold up whoever relies on one; to lock a row takes a right that only the registry's own role has.

create table locks (
  name text not null,
  constraint locks_pkey primary key (name)
);
comment on table locks is 'What one transaction at a time may do: it locks the row of that name';
comment on column locks.name is 'What is done: causal_links adds links by which an action answers another';
insert into locks (name) values ('causal_links');

create or replace function refuse_causal_circle() returns trigger
language plpgsql
as $$
begin
  -- Two transactions that each add half of a circle would not see each other's half: one at a time.
  perform from locks where name = 'causal_links' for update;
  if not found then
    raise exception 'the row causal_links of locks is gone, without which causal links can not be guarded';
  end if;
  if exists (
    with recursive causes (id) as (
      select new.linked_action_id
      union
      select link.linked_action_id
      from causes
      join action_links as link on link.action_id = causes.id
      where link.kind in ('responds_to', 'retaliates_for', 'escalates')
    )
    select from causes where id = new.action_id
  ) then
    raise exception using
      errcode = 'check_violation', constraint = 'action_links_circle_check', table = 'action_links',
      message = 'causal links close a circle';
  end if;
  return null;
end
$$;
