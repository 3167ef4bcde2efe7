-- Who is looked for by a name of then is found as quickly as by a name of now: each name that an actor ever had stands here
-- once for each time that it was known, however many revisions have it. It is kept where changes are put in order, so
-- writers don't wait for it.

create function name_patterns(names text[]) returns text[]
language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp
-- Escaped after unaccent, which makes letters such as ％ into what LIKE would read.
return array(
  select '%' || replace(replace(replace(plain_name(name), '\', '\\'), '%', '\%'), '_', '\_') || '%'
  from unnest(names) as name
);
comment on function name_patterns(text[]) is 'What plain_name is like where it contains one of these names';
revoke execute on function name_patterns(text[]) from public;

drop index revisions_names_idx;
drop function revision_names(jsonb);

create function plain_names(document jsonb) returns text[]
language sql immutable parallel safe set search_path = pg_catalog, public, pg_temp
return array(
  select distinct plain_name(given.name #>> '{}')
  from (
    select document -> 'name'
    union all
    select jsonb_path_query(document, '$.names[*].name')
  ) as given (name)
  where jsonb_typeof(given.name) = 'string'
);
comment on function plain_names(jsonb) is 'All names of an actor as a revision has it, as they are searched; none where it ended';
revoke execute on function plain_names(jsonb) from public;

create table name_history (
  sequence bigint not null,
  position integer not null,
  actor_id uuid not null,
  plain_name text not null,
  recorded_at timestamptz not null,
  superseded_at timestamptz not null default 'infinity',
  constraint name_history_pkey primary key (sequence, position),
  constraint name_history_sequence_fkey foreign key (sequence) references changes (sequence),
  constraint name_history_superseded_at_check check (superseded_at >= recorded_at)
);
create index name_history_plain_name_idx on name_history using gin (plain_name gin_trgm_ops);
create index name_history_present_idx on name_history (actor_id) where superseded_at = 'infinity';
comment on table name_history is 'Names by which actors were known, and when: what changes and revisions say, kept to be searched';
comment on column name_history.sequence is 'The change that brought the name';
comment on column name_history.position is 'From 1; tells apart what one change brought';
comment on column name_history.actor_id is 'The actor, which may be gone';
comment on column name_history.plain_name is 'The name as it is searched';
comment on column name_history.recorded_at is 'From when the registry knew it';
comment on column name_history.superseded_at is 'Until when it did; infinity where it still does';

create view names_by_revisions as
select
  min(named.sequence) as sequence,
  named.actor_id,
  named.plain_name,
  min(named.recorded_at) as recorded_at,
  max(named.superseded_at) as superseded_at
from (
  select
    change.sequence,
    change.record_id as actor_id,
    name.plain_name,
    change.recorded_at,
    change.superseded_at,
    -- The same for all versions in a row that have the name.
    revision.version - row_number() over (partition by change.record_id, name.plain_name order by revision.version) as run
  from changes as change
  join revisions as revision on revision.id = change.revision_id
  cross join lateral unnest(plain_names(revision.document)) as name (plain_name)
  where change.resource = 'actors'
) as named
group by named.actor_id, named.plain_name, named.run;
comment on view names_by_revisions is 'What name_history must be, worked out of all revisions';
comment on column names_by_revisions.sequence is 'The change that brought the name';
comment on column names_by_revisions.actor_id is 'The actor, which may be gone';
comment on column names_by_revisions.plain_name is 'The name as it is searched';
comment on column names_by_revisions.recorded_at is 'From when the registry knew it';
comment on column names_by_revisions.superseded_at is 'Until when it did; infinity where it still does';

insert into name_history (sequence, position, actor_id, plain_name, recorded_at, superseded_at)
select
  sequence,
  row_number() over (partition by sequence order by plain_name),
  actor_id,
  plain_name,
  recorded_at,
  superseded_at
from names_by_revisions;
analyze name_history;

create function keep_name_history() returns trigger
language plpgsql
as $$
declare
  names text[] := (select plain_names(revision.document) from revisions as revision where revision.id = new.revision_id);
begin
  update name_history
  set superseded_at = new.recorded_at
  where actor_id = new.record_id
    and superseded_at = 'infinity'
    and plain_name <> all (names);
  insert into name_history (sequence, position, actor_id, plain_name, recorded_at)
  select new.sequence, row_number() over (order by name), new.record_id, name, new.recorded_at
  from (
    select unnest(names)
    except
    select plain_name from name_history where actor_id = new.record_id and superseded_at = 'infinity'
  ) as brought (name);
  return null;
end
$$;
comment on function keep_name_history() is 'Trigger of changes: the names that an actor is known by from this change on';
revoke execute on function keep_name_history() from public;
create trigger changes_keep_name_history after insert on changes
  for each row when (new.resource = 'actors') execute function keep_name_history();

create trigger name_history_refuse_rewriting before update on name_history
  for each row
  when (
    old.superseded_at <> 'infinity'
    or (new.sequence, new.position, new.actor_id, new.plain_name, new.recorded_at)
      is distinct from
      (old.sequence, old.position, old.actor_id, old.plain_name, old.recorded_at)
  )
  execute function refuse_rewriting();
create trigger name_history_refuse_deleting before delete on name_history
  for each row execute function refuse_rewriting();
create trigger name_history_refuse_truncate before truncate on name_history
  for each statement execute function refuse_rewriting();
