create or replace function sequence_revisions(waits boolean, up_to timestamptz) returns bigint
language plpgsql
as $$
declare
  head chain_head;
  one record;
  clock timestamptz;
  stamp timestamptz;
  known_since timestamptz;
  recorded timestamptz;
  last_transaction bigint;
  done bigint := 0;
  numbered bigint[] := '{}';
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'sequence_revisions must see what was committed while it waited: call it in a read committed transaction';
  end if;
  if waits then
    select * into head from chain_head for update;
  else
    select * into head from chain_head for update skip locked;
    if not found then
      return null;
    end if;
  end if;
  clock := clock_timestamp();
  stamp := greatest(head.recorded_at, head.horizon);
  -- A transaction that depends on another saw it committed before it wrote its last revision: that orders them. All
  -- revisions of one transaction get one time.
  for one in
    with taken as (
      delete from outbox returning revision_id
    )
    select
      revision,
      revision.id,
      revision.record_id,
      revision.version,
      revision.resource,
      revision.backdated_to,
      revision.written_in,
      max(revision.written_at) over (partition by revision.written_in) as written_at,
      max(revision.id) over (partition by revision.written_in) as last_of_transaction
    from taken
    join revisions as revision on revision.id = taken.revision_id
    order by last_of_transaction, revision.id
  loop
    if last_transaction is distinct from one.written_in then
      -- The time of writing, so that a client finds its write at once; but later than all before, also if the transaction
      -- committed late or the clock went backwards.
      stamp := greatest(least(one.written_at, clock), stamp + interval '1 microsecond');
      last_transaction := one.written_in;
    end if;
    recorded := least(coalesce(one.backdated_to, stamp), stamp);
    if recorded < stamp then
      -- A record is not recorded before the records that it refers to.
      select greatest(recorded, max(named.recorded_at)) into recorded
      from (
        select min(change.recorded_at) as recorded_at
        from jsonb_path_query((one.revision).document, '$.**.id') as given (id)
        join changes as change on change.record_id = (given.id #>> '{}')::uuid
        where jsonb_typeof(given.id) = 'string'
          and change.record_id <> one.record_id
        group by change.record_id
      ) as named;
    end if;
    if one.version > 1 then
      select change.recorded_at into known_since
      from changes as change
      where change.resource = one.resource
        and change.record_id = one.record_id
        and change.superseded_at = 'infinity';
      recorded := greatest(recorded, known_since);
      update changes
      set superseded_at = recorded
      where resource = one.resource
        and record_id = one.record_id
        and superseded_at = 'infinity';
    end if;
    head.sequence := head.sequence + 1;
    head.sha256 := link_sha256(head.sha256, head.sequence, recorded, recorded < stamp, one.revision);
    insert into changes (sequence, revision_id, resource, record_id, recorded_at, is_backdated, sha256)
    values (head.sequence, one.id, one.resource, one.record_id, recorded, recorded < stamp, head.sha256);
    done := done + 1;
    numbered := array_append(numbered, one.id);
  end loop;
  if done > 0 then
    insert into search_texts (record_id, version, resource, vector)
    select revision.record_id, revision.version, revision.resource, search_vector(revision.document)
    from revisions as revision
    join record_kinds as kind on kind.resource = revision.resource
    where revision.id = any (numbered)
      and kind.reference is not null
      and revision.document is not null
    -- They are there if a number was taken away by hand.
    on conflict on constraint search_texts_pkey do nothing;
  end if;
  if done > 0 or up_to > head.horizon then
    update chain_head
    set
      sequence = head.sequence,
      recorded_at = case when done > 0 then stamp else head.recorded_at end,
      -- least ignores null, and would return the clock's time.
      horizon = greatest(stamp, case when up_to < clock then up_to when up_to is not null then clock end),
      sha256 = head.sha256;
  end if;
  return done;
end
$$;
comment on function sequence_revisions(boolean, timestamptz) is 'Gives every committed revision that has none its place, its moment and its link, and stores the words of those of records; one at a time, where waits is false it returns null while another does it. Afterwards what was known at up_to, where that is not to come, will never change';
revoke execute on function sequence_revisions(boolean, timestamptz) from public;
