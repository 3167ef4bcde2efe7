-- The rules that the API and the BI views share: whose act it is, whether a sanction is in force, how sure a claim is.
-- Functions that read tables run as their owner: a reader of the views has no right to the tables. Their bodies are
-- bound when they are made, so that no search_path can lead them astray. The chain of ties stands in each of them anew: a
-- function that another one calls is planned again at every call, which takes ten times as long as the answer.

create function states_acted_for(actor_id uuid, earliest date, latest date) returns setof uuid
language sql stable parallel safe security definer
begin atomic
  with recursive chain (id, kind) as (
    select actor.id, actor.kind
    from actors as actor
    where actor.id = actor_id
    union
    select object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
      and coalesce(tie.started_on_earliest <= latest, true)
      and coalesce(tie.ended_on_latest >= earliest, true)
  )
  select chain.id from chain where chain.kind = 'state';
end;
comment on function states_acted_for(uuid, date, date) is
  'The states for which an act of this actor between these days counts: itself where it is a state, else by its ties of kinds that count, one after another, each overlapping the act; an undated tie always holds, a denied or retracted one never';

create function acts_for(actor_id uuid, principal_id uuid, earliest date, latest date) returns boolean
language sql stable parallel safe security definer
begin atomic
  with recursive chain (id, kind) as (
    select actor.id, actor.kind
    from actors as actor
    where actor.id = actor_id
    union
    select object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
      and coalesce(tie.started_on_earliest <= latest, true)
      and coalesce(tie.ended_on_latest >= earliest, true)
  )
  select exists (select from chain where chain.id = principal_id);
end;
comment on function acts_for(uuid, uuid, date, date) is
  'Whether an act of this actor between these days counts for the principal, a state or a body that others act for, by the rule of states_acted_for';

create function imposer_state(actor_id uuid, earliest date, latest date) returns uuid
language sql stable parallel safe security definer
begin atomic
  with recursive chain (id, kind) as (
    select actor.id, actor.kind
    from actors as actor
    where actor.id = actor_id
    union
    select object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
      and coalesce(tie.started_on_earliest <= latest, true)
      and coalesce(tie.ended_on_latest >= earliest, true)
  )
  select case when count(*) = 1 then (array_agg(chain.id))[1] end from chain where chain.kind = 'state';
end;
comment on function imposer_state(uuid, date, date) is
  'The one state for which an act of this actor counts; null where there is none or more than one';

create function target_state(actor_id uuid, earliest date, latest date) returns uuid
language sql stable parallel safe security definer
begin atomic
  with recursive chain (id, kind) as (
    select actor.id, actor.kind
    from actors as actor
    where actor.id = actor_id
    union
    select object.id, object.kind
    from chain
    join relationships as tie on tie.subject_id = chain.id
    join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
    join actors as object on object.id = tie.object_id
    where chain.kind <> 'state'
      and tie.claim_status not in ('denied', 'retracted')
      and coalesce(tie.started_on_earliest <= latest, true)
      and coalesce(tie.ended_on_latest >= earliest, true)
  )
  select case count(*)
    when 1 then (array_agg(chain.id))[1]
    when 0 then (
      select case when count(*) = 1 then (array_agg(identifier.actor_id))[1] end
      from (
        select country.code, rank() over (order by array_position(array['jurisdiction', 'flag', 'nationality'], country.role::text)) as place
        from actor_countries as country
        where country.actor_id = target_state.actor_id
          and country.role in ('jurisdiction', 'flag', 'nationality')
      ) as country
      join actor_identifiers as identifier
        on identifier.value = country.code and identifier.scheme in ('iso3166', 'iso3166_3')
      where country.place = 1
    )
  end
  from chain
  where chain.kind = 'state';
end;
comment on function target_state(uuid, date, date) is
  'The state that an act against this actor counts against: by the rule of states_acted_for, else the one country of the first of the roles jurisdiction, flag, nationality that it has; null where that is not one';

create function sanction_status(sanction sanctions, day date) returns text
language sql immutable parallel safe
return case
  when num_nonnulls(sanction.announced_on, sanction.starts_earliest, sanction.expires_on, sanction.lifted_on) = 0 then 'unknown'
  when sanction.lifted_on_latest <= day then 'lifted'
  when sanction.starts_earliest > day then
    case when sanction.announced_on_earliest <= day then 'announced' else 'not_yet' end
  when sanction.lifted_on_earliest <= day then 'lifted'
  when sanction.expires_on_latest < day then 'expired'
  when sanction.starts_earliest <= day then 'in_force'
  when sanction.announced_on_earliest <= day then 'announced'
  else 'unknown'
end;
comment on function sanction_status(sanctions, date) is
  'What a sanction is on a day: not_yet, announced, in_force, expired, lifted, or unknown where no date tells';

create function sanction_status_is_certain(sanction sanctions, day date) returns boolean
language sql immutable parallel safe
return sanction.starts_earliest is not null
  and not coalesce(
    day < sanction.starts_earliest
      and day between sanction.announced_on_earliest and partial_date_latest(sanction.announced_on)
      and not partial_date_is_exact(sanction.announced_on),
    false
  )
  and not coalesce(
    day between sanction.starts_earliest and sanction.starts_latest
      and not partial_date_is_exact(coalesce(sanction.effective_on, sanction.imposed_on)),
    false
  )
  and not coalesce(
    day between sanction.lifted_on_earliest and sanction.lifted_on_latest
      and not partial_date_is_exact(sanction.lifted_on),
    false
  )
  and not coalesce(
    day between sanction.expires_on_earliest and sanction.expires_on_latest
      and not partial_date_is_exact(sanction.expires_on),
    false
  );
comment on function sanction_status_is_certain(sanctions, date) is
  'False while the day lies inside a date of the sanction that is only partly known (that of the announcement counts until it starts), or where it is not known when it starts';

create function admiralty_grade(reliability source_reliability, credibility smallint) returns text
language sql immutable parallel safe
return reliability::text || credibility::text;
comment on function admiralty_grade(source_reliability, smallint) is
  'Reliability of the source and credibility of what it says, as in B2; null where either was not judged';

-- What these cost, so that the planner asks them last, and only of candidates.
alter function states_acted_for(uuid, date, date) cost 10000;
alter function acts_for(uuid, uuid, date, date) cost 10000;
alter function imposer_state(uuid, date, date) cost 10000;
alter function target_state(uuid, date, date) cost 20000;
