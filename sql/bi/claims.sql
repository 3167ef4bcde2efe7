-- Each part reads one table, without a join: only such parts are read in the order of their indexes, the latest claims first.
create view bi.claims as
select
  sanction.id as claim_id,
  'sanctions' as resource,
  sanction.id as sanction_id,
  null::uuid as relationship_id,
  null::uuid as action_id,
  (select actor.name from actors as actor where actor.id = sanction.imposer_id) || ' sanctions '
    || (select actor.name from actors as actor where actor.id = sanction.target_id) as summary,
  sanction.claim_status::text as claim_status,
  null::text as modality,
  sanction.claim_status not in ('denied', 'retracted') as counts,
  coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)::text as dated_on,
  nullif(
    case
      when sanction.imposed_on is not null then sanction.imposed_on_earliest
      else partial_date_earliest(coalesce(sanction.effective_on, sanction.announced_on))
    end,
    '-infinity'
  ) as dated_on_earliest,
  nullif(
    case
      when sanction.imposed_on is not null then sanction.imposed_on_latest
      else partial_date_latest(coalesce(sanction.effective_on, sanction.announced_on))
    end,
    'infinity'
  ) as dated_on_latest,
  partial_date_precision(coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on)) as dated_on_precision,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.sanction_id = sanction.id and citation.stance = 'supports'
  ) as best_grade,
  (
    select count(*)
    from citations as citation
    where citation.sanction_id = sanction.id
  ) as citation_count,
  (
    select count(distinct citation.source_id)
    from citations as citation
    where citation.sanction_id = sanction.id
  ) as source_count,
  (
    select count(distinct coalesce(plain_name(source.publisher), source.id::text))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.sanction_id = sanction.id and citation.stance = 'supports'
  ) as independent_publishers,
  (
    select count(*)
    from citations as citation
    where citation.sanction_id = sanction.id and citation.stance = 'disputes'
  ) as disputing_count,
  (
    select string_agg(speaker.name, ';' order by speaker.name, speaker.id)
    from actors as speaker
    where speaker.id in (
      select citation.attributed_to_id
      from citations as citation
      where citation.sanction_id = sanction.id
    )
  ) as attributed_to,
  sanction.created_at,
  sanction.updated_at
from sanctions as sanction
union all
select
  relationship.id as claim_id,
  'relationships' as resource,
  null::uuid as sanction_id,
  relationship.id as relationship_id,
  null::uuid as action_id,
  (select actor.name from actors as actor where actor.id = relationship.subject_id)
    || ' ' || (select kind.label from relationship_kinds as kind where kind.code = relationship.kind)
    || ' ' || (select actor.name from actors as actor where actor.id = relationship.object_id) as summary,
  relationship.claim_status::text as claim_status,
  null::text as modality,
  relationship.claim_status not in ('denied', 'retracted') as counts,
  relationship.started_on::text as dated_on,
  nullif(relationship.started_on_earliest, '-infinity') as dated_on_earliest,
  nullif(relationship.started_on_latest, 'infinity') as dated_on_latest,
  partial_date_precision(relationship.started_on) as dated_on_precision,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.relationship_id = relationship.id and citation.stance = 'supports'
  ) as best_grade,
  (
    select count(*)
    from citations as citation
    where citation.relationship_id = relationship.id
  ) as citation_count,
  (
    select count(distinct citation.source_id)
    from citations as citation
    where citation.relationship_id = relationship.id
  ) as source_count,
  (
    select count(distinct coalesce(plain_name(source.publisher), source.id::text))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.relationship_id = relationship.id and citation.stance = 'supports'
  ) as independent_publishers,
  (
    select count(*)
    from citations as citation
    where citation.relationship_id = relationship.id and citation.stance = 'disputes'
  ) as disputing_count,
  (
    select string_agg(speaker.name, ';' order by speaker.name, speaker.id)
    from actors as speaker
    where speaker.id in (
      select citation.attributed_to_id
      from citations as citation
      where citation.relationship_id = relationship.id
    )
  ) as attributed_to,
  relationship.created_at,
  relationship.updated_at
from relationships as relationship
union all
select
  action.id as claim_id,
  'diplomatic-actions' as resource,
  null::uuid as sanction_id,
  null::uuid as relationship_id,
  action.id as action_id,
  action.title as summary,
  action.claim_status::text as claim_status,
  action.modality::text as modality,
  action.modality = 'actual' and action.claim_status not in ('denied', 'retracted') as counts,
  action.occurred_on::text as dated_on,
  nullif(action.occurred_on_earliest, '-infinity') as dated_on_earliest,
  nullif(action.occurred_on_latest, 'infinity') as dated_on_latest,
  partial_date_precision(action.occurred_on) as dated_on_precision,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.action_id = action.id and citation.stance = 'supports'
  ) as best_grade,
  (
    select count(*)
    from citations as citation
    where citation.action_id = action.id
  ) as citation_count,
  (
    select count(distinct citation.source_id)
    from citations as citation
    where citation.action_id = action.id
  ) as source_count,
  (
    select count(distinct coalesce(plain_name(source.publisher), source.id::text))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.action_id = action.id and citation.stance = 'supports'
  ) as independent_publishers,
  (
    select count(*)
    from citations as citation
    where citation.action_id = action.id and citation.stance = 'disputes'
  ) as disputing_count,
  (
    select string_agg(speaker.name, ';' order by speaker.name, speaker.id)
    from actors as speaker
    where speaker.id in (
      select citation.attributed_to_id
      from citations as citation
      where citation.action_id = action.id
    )
  ) as attributed_to,
  action.created_at,
  action.updated_at
from diplomatic_actions as action;
comment on view bi.claims is 'Claims: sanctions, relationships and diplomatic actions; one row per claim';
comment on column bi.claims.claim_id is 'Id of the claim: of the sanction, the relationship or the diplomatic action';
comment on column bi.claims.resource is 'What the claim is: sanctions, relationships or diplomatic-actions';
comment on column bi.claims.sanction_id is 'The same id, if the claim is a sanction';
comment on column bi.claims.relationship_id is 'The same id, if the claim is a relationship';
comment on column bi.claims.action_id is 'The same id, if the claim is a diplomatic action';
comment on column bi.claims.summary is 'The claim in one line';
comment on column bi.claims.claim_status is 'How far the claim is established: reported, unconfirmed, corroborated, confirmed, disputed, denied, retracted';
comment on column bi.claims.modality is 'For a diplomatic action: whether it took place (actual), or is alleged, planned, threatened or hypothetical';
comment on column bi.claims.counts is 'True if the claim is actual, and neither denied nor retracted; other claims are not counted';
comment on column bi.claims.dated_on is 'Date of the claim, as written: for a sanction imposed_on, else effective_on, else announced_on; for a relationship its beginning; for an action when it took place';
comment on column bi.claims.dated_on_earliest is 'First day that dated_on may mean; null if open';
comment on column bi.claims.dated_on_latest is 'Last day that dated_on may mean; null if its end is open';
comment on column bi.claims.dated_on_precision is 'Precision of dated_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.claims.best_grade is 'Best Admiralty grade among the citations that support the claim, from A1 (best) to F6; null if none was judged';
comment on column bi.claims.citation_count is 'Number of citations';
comment on column bi.claims.source_count is 'Number of sources that are cited';
comment on column bi.claims.independent_publishers is 'Number of publishers that support the claim: sources of one publisher count once, a source without a publisher counts for itself';
comment on column bi.claims.disputing_count is 'Number of citations that dispute the claim';
comment on column bi.claims.attributed_to is 'Names of the actors whose words the sources report, joined by ;';
comment on column bi.claims.created_at is 'When the record was created';
comment on column bi.claims.updated_at is 'When the record last changed';
