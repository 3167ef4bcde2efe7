create view bi.sanctions as
select
  sanction.id as sanction_id,
  sanction.imposer_id,
  imposer.name as imposer,
  imposer.kind as imposer_kind,
  imposer_kind.label as imposer_kind_label,
  case
    when imposing.depends_on_day and kept.sanction_id is not null then kept.imposer_state_id
    when not imposing.depends_on_day then imposing.imposer_state_id
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then state_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)
  end as imposer_state_id,
  case
    when imposing.depends_on_day and kept.sanction_id is not null then kept_imposer.name
    when not imposing.depends_on_day then imposing_state.name
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then name_of_state(state_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest))
  end as imposer_state,
  case
    when imposing.depends_on_day and kept.sanction_id is not null then kept_imposer.iso_code
    when not imposing.depends_on_day then imposing_state.iso_code
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then code_of_state(state_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest))
  end as imposer_state_code,
  case
    when imposing.depends_on_day and kept.sanction_id is not null then kept_imposer.iso3_code
    when not imposing.depends_on_day then imposing_state.iso3_code
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then alpha3_of_state(state_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest))
  end as imposer_state_alpha3,
  sanction.target_id,
  target.name as target,
  target.kind as target_kind,
  target_kind.label as target_kind_label,
  case
    when targeted.depends_on_day and kept.sanction_id is not null then kept.target_state_id
    when not targeted.depends_on_day then targeted.target_state_id
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      targeted.actor_id is not null
      or sanction.target_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then state_of_target(sanction.target_id, sanction.starts_earliest, sanction.starts_latest)
  end as target_state_id,
  case
    when targeted.depends_on_day and kept.sanction_id is not null then kept_target.name
    when not targeted.depends_on_day then targeted_state.name
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      targeted.actor_id is not null
      or sanction.target_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then name_of_state(state_of_target(sanction.target_id, sanction.starts_earliest, sanction.starts_latest))
  end as target_state,
  case
    when targeted.depends_on_day and kept.sanction_id is not null then kept_target.iso_code
    when not targeted.depends_on_day then targeted_state.iso_code
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      targeted.actor_id is not null
      or sanction.target_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then code_of_state(state_of_target(sanction.target_id, sanction.starts_earliest, sanction.starts_latest))
  end as target_state_code,
  case
    when targeted.depends_on_day and kept.sanction_id is not null then kept_target.iso3_code
    when not targeted.depends_on_day then targeted_state.iso3_code
    when (
      -- Who has no row has no state, unless it came after the last refresh.
      targeted.actor_id is not null
      or sanction.target_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then alpha3_of_state(state_of_target(sanction.target_id, sanction.starts_earliest, sanction.starts_latest))
  end as target_state_alpha3,
  (
    select string_agg(measure.label, ';' order by taken.position)
    from sanction_measures as taken
    join measures as measure on measure.code = taken.measure
    where taken.sanction_id = sanction.id
  ) as measures,
  (
    select string_agg(ground.label, ';' order by given.position)
    from sanction_grounds as given
    join grounds as ground on ground.code = given.ground
    where given.sanction_id = sanction.id
  ) as grounds,
  (
    select string_agg(programme.code, ';' order by basis.position)
    from sanction_programmes as basis
    join programmes as programme on programme.id = basis.programme_id
    where basis.sanction_id = sanction.id
  ) as programmes,
  sanction.reason,
  sanction.legal_basis,
  sanction.provisions,
  sanction_status(sanction, today.day) as status,
  sanction_status_is_certain(sanction, today.day) as status_certain,
  case
    when sanction.starts_earliest > '-infinity' and coalesce(sanction.lifted_on_earliest > '-infinity', true) then
      greatest(
        least(sanction.lifted_on_earliest, sanction.expires_on_latest + 1, today.day + 1) - sanction.starts_earliest,
        0
      )
  end as days_in_force,
  sanction.announced_on::text as announced_on,
  nullif(sanction.announced_on_earliest, '-infinity') as announced_on_earliest,
  partial_date_latest(sanction.announced_on) as announced_on_latest,
  sanction.imposed_on::text as imposed_on,
  nullif(sanction.imposed_on_earliest, '-infinity') as imposed_on_earliest,
  sanction.imposed_on_latest,
  partial_date_precision(sanction.imposed_on) as imposed_on_precision,
  extract(year from coalesce(nullif(sanction.imposed_on_earliest, '-infinity'), sanction.imposed_on_latest))::integer as imposed_year,
  sanction.effective_on::text as effective_on,
  nullif(partial_date_earliest(sanction.effective_on), '-infinity') as effective_on_earliest,
  partial_date_latest(sanction.effective_on) as effective_on_latest,
  coalesce(sanction.effective_on, sanction.imposed_on)::text as starts_on,
  nullif(sanction.starts_earliest, '-infinity') as starts_on_earliest,
  sanction.starts_latest as starts_on_latest,
  sanction.expires_on::text as expires_on,
  nullif(sanction.expires_on_earliest, '-infinity') as expires_on_earliest,
  sanction.expires_on_latest,
  sanction.lifted_on::text as lifted_on,
  nullif(sanction.lifted_on_earliest, '-infinity') as lifted_on_earliest,
  sanction.lifted_on_latest,
  sanction.lift_reason,
  sanction.claim_status::text as claim_status,
  sanction.claim_status not in ('denied', 'retracted') as counts,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.sanction_id = sanction.id and citation.stance = 'supports'
  ) as best_grade,
  (
    select count(distinct citation.source_id)
    from citations as citation
    where citation.sanction_id = sanction.id
  ) as source_count,
  sanction.action_id,
  sanction.list_code,
  sanction.list_part,
  sanction.list_uid,
  sanction.created_at,
  sanction.updated_at
from sanctions as sanction
cross join (
  -- Worked out for every row, which is cheap: kept apart it would forbid parallel plans.
  select (now() at time zone 'UTC')::date as day
) as today
left join (
  bi_store.actor_states as imposing
  left join bi_store.states as imposing_state on imposing_state.state_id = imposing.imposer_state_id
) on imposing.actor_id = sanction.imposer_id
left join (
  bi_store.actor_states as targeted
  left join bi_store.states as targeted_state on targeted_state.state_id = targeted.target_state_id
) on targeted.actor_id = sanction.target_id
left join (
  bi_store.sanction_states as kept
  left join bi_store.states as kept_imposer on kept_imposer.state_id = kept.imposer_state_id
  left join bi_store.states as kept_target on kept_target.state_id = kept.target_state_id
) on kept.sanction_id = sanction.id
left join (
  actors as imposer
  left join actor_kinds as imposer_kind on imposer_kind.code = imposer.kind
) on imposer.id = sanction.imposer_id
left join (
  actors as target
  left join actor_kinds as target_kind on target_kind.code = target.kind
) on target.id = sanction.target_id;
comment on view bi.sanctions is 'One imposer''s measures against one target; one row per sanction. Joint sanctions are as many rows as there are legal acts';
comment on column bi.sanctions.sanction_id is 'Id of the sanction';
comment on column bi.sanctions.imposer_id is 'Id of the body that acted';
comment on column bi.sanctions.imposer is 'Name of the body that acted';
comment on column bi.sanctions.imposer_kind is 'What sort of actor the imposer is, as a code of actor_kinds';
comment on column bi.sanctions.imposer_kind_label is 'What sort of actor the imposer is, in words';
comment on column bi.sanctions.imposer_state_id is 'Id of the state for which the imposer''s act counts; null where there is none or more than one';
comment on column bi.sanctions.imposer_state is 'Name of the state for which the imposer''s act counts';
comment on column bi.sanctions.imposer_state_code is 'The imposer''s state as a code of countries: ISO 3166-1 alpha-2, four letters for a former state';
comment on column bi.sanctions.imposer_state_alpha3 is 'ISO 3166-1 alpha-3 code of the imposer''s state, where there is one';
comment on column bi.sanctions.target_id is 'Id of who is sanctioned';
comment on column bi.sanctions.target is 'Name of who is sanctioned';
comment on column bi.sanctions.target_kind is 'What sort of actor the target is, as a code of actor_kinds';
comment on column bi.sanctions.target_kind_label is 'What sort of actor the target is, in words';
comment on column bi.sanctions.target_state_id is 'Id of the state that the act counts against: by the target''s ties, else its one country of jurisdiction, flag or nationality; null where that is not one';
comment on column bi.sanctions.target_state is 'Name of the state that the act counts against';
comment on column bi.sanctions.target_state_code is 'The target''s state as a code of countries: ISO 3166-1 alpha-2, four letters for a former state';
comment on column bi.sanctions.target_state_alpha3 is 'ISO 3166-1 alpha-3 code of the target''s state, where there is one';
comment on column bi.sanctions.measures is 'What it does to its target, joined by ; (one row each in sanction_measures)';
comment on column bi.sanctions.grounds is 'What the target is said to have done, joined by ; (one row each in sanction_grounds)';
comment on column bi.sanctions.programmes is 'Codes of the programmes it was imposed under, joined by ; (one row each in sanction_programmes)';
comment on column bi.sanctions.reason is 'The stated why';
comment on column bi.sanctions.legal_basis is 'The law';
comment on column bi.sanctions.provisions is 'What exactly is forbidden';
comment on column bi.sanctions.status is 'What it is today (UTC): not_yet, announced, in_force, expired, lifted, unknown. Of sanctions_in_force: on its day';
comment on column bi.sanctions.status_certain is 'False while today lies inside a date that is only partly known, or where it is not known when it starts';
comment on column bi.sanctions.days_in_force is 'Days on which it was in force, today (UTC) included: from starts_on_earliest to before lifted_on_earliest, to expires_on_latest or to today, whichever comes first; 0 where it was not yet; null where its beginning or its end is not bounded';
comment on column bi.sanctions.announced_on is 'When it was announced, as written';
comment on column bi.sanctions.announced_on_earliest is 'First day that announced_on may mean; null where open';
comment on column bi.sanctions.announced_on_latest is 'Last day that announced_on may mean';
comment on column bi.sanctions.imposed_on is 'When it was imposed, as written';
comment on column bi.sanctions.imposed_on_earliest is 'First day that imposed_on may mean; null where open';
comment on column bi.sanctions.imposed_on_latest is 'Last day that imposed_on may mean';
comment on column bi.sanctions.imposed_on_precision is 'How well imposed_on is known: day, month, year, approximate (about then), interval (some time between) or not_later_than';
comment on column bi.sanctions.imposed_year is 'Year of imposed_on_earliest, of imposed_on_latest where that is open';
comment on column bi.sanctions.effective_on is 'When it takes effect, where that is another day, as written';
comment on column bi.sanctions.effective_on_earliest is 'First day that effective_on may mean; null where open';
comment on column bi.sanctions.effective_on_latest is 'Last day that effective_on may mean';
comment on column bi.sanctions.starts_on is 'When it comes into force: effective_on, else imposed_on, as written';
comment on column bi.sanctions.starts_on_earliest is 'First day on which it may have come into force; null where open';
comment on column bi.sanctions.starts_on_latest is 'Last day on which it may have come into force';
comment on column bi.sanctions.expires_on is 'The last day it is in force, where the act sets one, as written';
comment on column bi.sanctions.expires_on_earliest is 'First day that expires_on may mean; null where open';
comment on column bi.sanctions.expires_on_latest is 'Last day that expires_on may mean';
comment on column bi.sanctions.lifted_on is 'The first day it is no longer in force, as written';
comment on column bi.sanctions.lifted_on_earliest is 'First day that lifted_on may mean; null where open';
comment on column bi.sanctions.lifted_on_latest is 'Last day that lifted_on may mean';
comment on column bi.sanctions.lift_reason is 'Why it was lifted';
comment on column bi.sanctions.claim_status is 'How far the claim is established';
comment on column bi.sanctions.counts is 'True where the claim is neither denied nor retracted; nothing else is counted as a sanction';
comment on column bi.sanctions.best_grade is 'Best Admiralty grade among the sources that support it, A1 best to F6; null where none was judged';
comment on column bi.sanctions.source_count is 'How many sources are cited for it';
comment on column bi.sanctions.action_id is 'Id of the diplomatic action that announced it';
comment on column bi.sanctions.list_code is 'The official list that carries it';
comment on column bi.sanctions.list_part is 'The part of that list';
comment on column bi.sanctions.list_uid is 'The number of the entry on that list';
comment on column bi.sanctions.created_at is 'When the registry learned of it';
comment on column bi.sanctions.updated_at is 'When it last changed in the registry';
