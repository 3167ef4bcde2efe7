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
      -- An actor without a row has no state, unless it was recorded after the last refresh.
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
      -- An actor without a row has no state, unless it was recorded after the last refresh.
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
      -- An actor without a row has no state, unless it was recorded after the last refresh.
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
      -- An actor without a row has no state, unless it was recorded after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then alpha3_of_state(state_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest))
  end as imposer_state_alpha3,
  case
    when imposing.party_depends_on_day and kept.sanction_id is not null then kept.imposing_party_id
    when not imposing.party_depends_on_day then imposing.imposing_party_id
    when (
      -- An actor without a row is its own party, unless it was recorded after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then party_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)
    else sanction.imposer_id
  end as imposing_party_id,
  case
    when imposing.party_depends_on_day and kept.sanction_id is not null then kept_party.name
    when not imposing.party_depends_on_day then imposing_party.name
    when (
      -- An actor without a row is its own party, unless it was recorded after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then name_of_state(party_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest))
    else imposer.name
  end as imposing_party,
  case
    when imposing.party_depends_on_day and kept.sanction_id is not null then coalesce(kept_known_party.code, kept_party.name)
    when not imposing.party_depends_on_day then coalesce(known_party.code, imposing_party.name)
    when (
      -- An actor without a row is its own party, unless it was recorded after the last refresh.
      imposing.actor_id is not null
      or sanction.imposer_id >= (
        select first_id_since(min(refresh.as_of))
        from bi_store.refreshes as refresh
        where refresh.stored_table = 'actor_states'
      )
    ) then coalesce(
      (select known.code from bi_store.states as known where known.state_id = party_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)),
      name_of_state(party_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest))
    )
    else coalesce((select known.code from bi_store.states as known where known.state_id = sanction.imposer_id), imposer.name)
  end as imposing_party_code,
  sanction.target_id,
  target.name as target,
  target.kind as target_kind,
  target_kind.label as target_kind_label,
  case
    when targeted.depends_on_day and kept.sanction_id is not null then kept.target_state_id
    when not targeted.depends_on_day then targeted.target_state_id
    when (
      -- An actor without a row has no state, unless it was recorded after the last refresh.
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
      -- An actor without a row has no state, unless it was recorded after the last refresh.
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
      -- An actor without a row has no state, unless it was recorded after the last refresh.
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
      -- An actor without a row has no state, unless it was recorded after the last refresh.
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
  nullif(partial_date_latest(sanction.announced_on), 'infinity') as announced_on_latest,
  sanction.imposed_on::text as imposed_on,
  nullif(sanction.imposed_on_earliest, '-infinity') as imposed_on_earliest,
  nullif(sanction.imposed_on_latest, 'infinity') as imposed_on_latest,
  partial_date_precision(sanction.imposed_on) as imposed_on_precision,
  -- Not extract, which computes in numeric and takes half as long again.
  date_part('year', coalesce(nullif(sanction.imposed_on_earliest, '-infinity'), sanction.imposed_on_latest))::integer as imposed_year,
  sanction.effective_on::text as effective_on,
  nullif(partial_date_earliest(sanction.effective_on), '-infinity') as effective_on_earliest,
  nullif(partial_date_latest(sanction.effective_on), 'infinity') as effective_on_latest,
  coalesce(sanction.effective_on, sanction.imposed_on)::text as starts_on,
  nullif(sanction.starts_earliest, '-infinity') as starts_on_earliest,
  nullif(sanction.starts_latest, 'infinity') as starts_on_latest,
  sanction.expires_on::text as expires_on,
  nullif(sanction.expires_on_earliest, '-infinity') as expires_on_earliest,
  nullif(sanction.expires_on_latest, 'infinity') as expires_on_latest,
  sanction.lifted_on::text as lifted_on,
  nullif(sanction.lifted_on_earliest, '-infinity') as lifted_on_earliest,
  nullif(sanction.lifted_on_latest, 'infinity') as lifted_on_latest,
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
  -- Computed for every row, and wherever it is named: a separate subquery would prevent parallel plans. An interval, unlike the
  -- name of a time zone, is not looked up each time.
  select (now() at time zone interval '0')::date as day
) as today
left join (
  bi_store.actor_states as imposing
  left join bi_store.states as imposing_state on imposing_state.state_id = imposing.imposer_state_id
  left join actors as imposing_party on imposing_party.id = imposing.imposing_party_id
  left join bi_store.states as known_party on known_party.state_id = imposing.imposing_party_id
) on imposing.actor_id = sanction.imposer_id
left join (
  bi_store.actor_states as targeted
  left join bi_store.states as targeted_state on targeted_state.state_id = targeted.target_state_id
) on targeted.actor_id = sanction.target_id
left join (
  actors as imposer
  left join actor_kinds as imposer_kind on imposer_kind.code = imposer.kind
) on imposer.id = sanction.imposer_id
left join (
  actors as target
  left join actor_kinds as target_kind on target_kind.code = target.kind
) on target.id = sanction.target_id
-- Last, because PostgreSQL plans at most eight joined tables together (join_collapse_limit): this order leaves it two parts, so that
-- a table that a query joins to the view may be joined at any place among them.
left join (
  bi_store.sanction_states as kept
  left join bi_store.states as kept_imposer on kept_imposer.state_id = kept.imposer_state_id
  left join bi_store.states as kept_target on kept_target.state_id = kept.target_state_id
  left join actors as kept_party on kept_party.id = kept.imposing_party_id
  left join bi_store.states as kept_known_party on kept_known_party.state_id = kept.imposing_party_id
) on kept.sanction_id = sanction.id;
comment on view bi.sanctions is 'Sanctions: one imposer''s measures against one target; one row per sanction. Joint sanctions are one row for each legal act';
comment on column bi.sanctions.sanction_id is 'Id of the sanction';
comment on column bi.sanctions.imposer_id is 'Id of the imposer';
comment on column bi.sanctions.imposer is 'Name of the imposer';
comment on column bi.sanctions.imposer_kind is 'Kind of the imposer, as a code of actor_kinds';
comment on column bi.sanctions.imposer_kind_label is 'Label of the kind of the imposer';
comment on column bi.sanctions.imposer_state_id is 'Id of the state for which the imposer''s act counts; null if there is none or more than one';
comment on column bi.sanctions.imposer_state is 'Name of the state for which the imposer''s act counts';
comment on column bi.sanctions.imposer_state_code is 'The imposer''s state as a code of countries: ISO 3166-1 alpha-2, four letters for a former state';
comment on column bi.sanctions.imposer_state_alpha3 is 'ISO 3166-1 alpha-3 code of the imposer''s state, if there is one';
comment on column bi.sanctions.imposing_party_id is 'Id of the party whose act the sanction is, in actors: the imposer''s one state, else the one intergovernmental organization of which it is a body (the European Union for its Council, the United Nations for the Security Council), else the imposer itself; never null';
comment on column bi.sanctions.imposing_party is 'Name of the imposing party; never null';
comment on column bi.sanctions.imposing_party_code is 'Code of the imposing party: that of countries for a state, the European Union (EU) and the United Nations (UN); for another organization its acronym, if that is recorded (identifiers of scheme igo), else the name; never null';
comment on column bi.sanctions.target_id is 'Id of the target';
comment on column bi.sanctions.target is 'Name of the target';
comment on column bi.sanctions.target_kind is 'Kind of the target, as a code of actor_kinds';
comment on column bi.sanctions.target_kind_label is 'Label of the kind of the target';
comment on column bi.sanctions.target_state_id is 'Id of the state against which the act counts: by the target''s ties, else its one country of jurisdiction, flag or nationality; null if there is none or more than one';
comment on column bi.sanctions.target_state is 'Name of the state against which the act counts';
comment on column bi.sanctions.target_state_code is 'The target''s state as a code of countries: ISO 3166-1 alpha-2, four letters for a former state';
comment on column bi.sanctions.target_state_alpha3 is 'ISO 3166-1 alpha-3 code of the target''s state, if there is one';
comment on column bi.sanctions.measures is 'Measures, joined by ; (one row for each in sanction_measures)';
comment on column bi.sanctions.grounds is 'Grounds, joined by ; (one row for each in sanction_grounds)';
comment on column bi.sanctions.programmes is 'Codes of the programmes, joined by ; (one row for each in sanction_programmes)';
comment on column bi.sanctions.reason is 'The stated reason';
comment on column bi.sanctions.legal_basis is 'Law on which the sanction rests';
comment on column bi.sanctions.provisions is 'What exactly the sanction forbids';
comment on column bi.sanctions.status is 'Status today (UTC): not_yet, announced, in_force, expired, lifted, unknown. In sanctions_in_force: on its day';
comment on column bi.sanctions.status_certain is 'False while today lies inside a date that is only partly known, or if the start is not known';
comment on column bi.sanctions.days_in_force is 'Number of days in force, today (UTC) included: from starts_on_earliest to the day before lifted_on_earliest, to expires_on_latest or to today, whichever comes first; 0 if it has not been in force yet; null if its beginning or end has no bound';
comment on column bi.sanctions.announced_on is 'When the sanction was announced, as written';
comment on column bi.sanctions.announced_on_earliest is 'First day that announced_on may mean; null if open';
comment on column bi.sanctions.announced_on_latest is 'Last day that announced_on may mean; null if its end is open';
comment on column bi.sanctions.imposed_on is 'When the sanction was imposed, as written';
comment on column bi.sanctions.imposed_on_earliest is 'First day that imposed_on may mean; null if open';
comment on column bi.sanctions.imposed_on_latest is 'Last day that imposed_on may mean; null if its end is open';
comment on column bi.sanctions.imposed_on_precision is 'Precision of imposed_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.sanctions.imposed_year is 'Year of imposed_on_earliest, or of imposed_on_latest if that is open';
comment on column bi.sanctions.effective_on is 'When the sanction takes effect, if on another day than it was imposed, as written';
comment on column bi.sanctions.effective_on_earliest is 'First day that effective_on may mean; null if open';
comment on column bi.sanctions.effective_on_latest is 'Last day that effective_on may mean; null if its end is open';
comment on column bi.sanctions.starts_on is 'Start of the sanction: effective_on, else imposed_on, as written';
comment on column bi.sanctions.starts_on_earliest is 'First day on which the sanction may have started; null if open';
comment on column bi.sanctions.starts_on_latest is 'Last day on which the sanction may have started; null if its end is open';
comment on column bi.sanctions.expires_on is 'Last day of the sanction, if the legal act sets one, as written';
comment on column bi.sanctions.expires_on_earliest is 'First day that expires_on may mean; null if open';
comment on column bi.sanctions.expires_on_latest is 'Last day that expires_on may mean; null if its end is open';
comment on column bi.sanctions.lifted_on is 'First day on which the sanction is no longer in force, because it was lifted, as written';
comment on column bi.sanctions.lifted_on_earliest is 'First day that lifted_on may mean; null if open';
comment on column bi.sanctions.lifted_on_latest is 'Last day that lifted_on may mean; null if its end is open';
comment on column bi.sanctions.lift_reason is 'Why the sanction was lifted';
comment on column bi.sanctions.claim_status is 'How far the claim is established';
comment on column bi.sanctions.counts is 'True if the claim is neither denied nor retracted; other claims are not counted as sanctions';
comment on column bi.sanctions.best_grade is 'Best Admiralty grade among the citations that support the claim, from A1 (best) to F6; null if none was judged';
comment on column bi.sanctions.source_count is 'Number of sources that are cited';
comment on column bi.sanctions.action_id is 'Id of the diplomatic action that announced the sanction';
comment on column bi.sanctions.list_code is 'Official list that has the sanction';
comment on column bi.sanctions.list_part is 'Part of the list';
comment on column bi.sanctions.list_uid is 'Number of the entry on the list';
comment on column bi.sanctions.created_at is 'When the record was created';
comment on column bi.sanctions.updated_at is 'When the record last changed';
