-- The rule of whose act it is, from the other end: for a whole list it is cheaper to ask once who counts for a state, and
-- from which day to which, than to ask of each act for whom it counts. Both ends must agree; a test holds them against
-- each other. An act falls between the days of a row where it may have ended on the first or later, and may have begun on
-- the last or earlier: that is what all the ties of a chain demand together.

create function actors_acting_for(principal_id uuid)
  returns table (actor_id uuid, first_day date, last_day date)
language sql stable parallel safe
begin atomic
  with recursive chain (id, first_day, last_day) as (
    select principal_id, null::date, null::date
    union
    select
      tie.subject_id,
      greatest(chain.first_day, tie.started_on_earliest),
      least(chain.last_day, tie.ended_on_latest)
    from chain
    join relationships as tie on tie.object_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as subject on subject.id = tie.subject_id
    where subject.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
  )
  select chain.id, chain.first_day, chain.last_day from chain;
end;
comment on function actors_acting_for(uuid) is
  'The actors whose acts count for this one, itself among them, each with the days between which they do; null where nothing bounds them. The same as acts_for, from the other end';

create function actors_of_one_state(state_id uuid)
  returns table (actor_id uuid, first_day date, last_day date, depends boolean)
language sql stable parallel safe
begin atomic
  with recursive acting (actor_id, first_day, last_day) as materialized (
    select acting.actor_id, acting.first_day, acting.last_day
    from actors_acting_for(state_id) as acting
  ),
  chain (origin_id, id, kind) as (
    select distinct actor.id, actor.id, actor.kind
    from acting
    join actors as actor on actor.id = acting.actor_id
    union
    select chain.origin_id, object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
  )
  select
    acting.actor_id,
    acting.first_day,
    acting.last_day,
    acting.actor_id in (select chain.origin_id from chain where chain.kind = 'state' and chain.id <> state_id)
  from acting
  where exists (select from actors as state where state.id = state_id and state.kind = 'state');
end;
comment on function actors_of_one_state(uuid) is
  'The actors whose acts count for this state, each with the days between which they do; where depends, some of its acts count for another state too, and imposer_state has to decide';

create function actors_counted_against(principal_id uuid)
  returns table (actor_id uuid, always boolean, first_days date[], last_days date[], depends boolean)
language sql stable parallel safe
begin atomic
  with way (actor_id, first_day, last_day, is_tie, depends) as (
    select acting.actor_id, acting.first_day, acting.last_day, true, false
    from actors_acting_for(principal_id) as acting
    union all
    select own.actor_id, null, null, false, tied.is_tied
    from actor_identifiers as identifier
    join actor_countries as own on own.code = identifier.value
    join actors as actor on actor.id = own.actor_id and actor.kind <> 'state'
    cross join lateral (
      select exists (
        select from relationships as tie
        join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
        where tie.subject_id = own.actor_id
          and tie.claim_status not in ('denied', 'retracted')
      )
    ) as tied (is_tied)
    where identifier.actor_id = principal_id
      and identifier.scheme in ('iso3166', 'iso3166_3')
      and own.role in ('jurisdiction', 'flag', 'nationality')
      -- One country alone decides; of several, target_state picks the one that counts, if there is one.
      and (
        tied.is_tied
        or not exists (
          select from actor_countries as other
          where other.actor_id = own.actor_id
            and other.position <> own.position
            and other.role in ('jurisdiction', 'flag', 'nationality')
        )
        or target_state(own.actor_id, null, null) = principal_id
      )
  )
  select
    way.actor_id,
    bool_or(not way.depends and way.first_day is null and way.last_day is null),
    coalesce(array_agg(way.first_day) filter (where way.is_tie), '{}'),
    coalesce(array_agg(way.last_day) filter (where way.is_tie), '{}'),
    bool_or(way.depends)
  from way
  group by way.actor_id;
end;
comment on function actors_counted_against(uuid) is
  'The actors against whom an act counts against this one: always; or by ties, between each first day and the last day at the same place; or, where it depends, by the country while no tie counts, which target_state has to decide';

-- Few actors act for one, and the planner can not know.
alter function actors_acting_for(uuid) rows 50;
alter function actors_of_one_state(uuid) rows 200;
