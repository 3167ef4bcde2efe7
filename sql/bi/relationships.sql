create view bi.relationships as
select
  relationship.id as relationship_id,
  relationship.subject_id,
  subject.name as subject,
  subject.kind as subject_kind,
  subject_kind.label as subject_kind_label,
  relationship.kind,
  kind.label as kind_label,
  kind.inverse_label,
  kind.counts_for_state,
  relationship.object_id,
  object.name as object,
  object.kind as object_kind,
  object_kind.label as object_kind_label,
  relationship.role,
  case when relationship.share_percent_min = relationship.share_percent_max then relationship.share_percent_min end as share_percent,
  relationship.share_percent_min,
  relationship.share_percent_max,
  relationship.started_on::text as started_on,
  nullif(relationship.started_on_earliest, '-infinity') as started_on_earliest,
  nullif(relationship.started_on_latest, 'infinity') as started_on_latest,
  partial_date_precision(relationship.started_on) as started_on_precision,
  relationship.ended_on::text as ended_on,
  nullif(relationship.ended_on_earliest, '-infinity') as ended_on_earliest,
  nullif(relationship.ended_on_latest, 'infinity') as ended_on_latest,
  partial_date_precision(relationship.ended_on) as ended_on_precision,
  coalesce(relationship.started_on_earliest <= today.day, true)
    and coalesce(relationship.ended_on_latest >= today.day, true) as holds,
  relationship.description,
  relationship.claim_status::text as claim_status,
  relationship.claim_status not in ('denied', 'retracted') as counts,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.relationship_id = relationship.id and citation.stance = 'supports'
  ) as best_grade,
  (
    select count(distinct citation.source_id)
    from citations as citation
    where citation.relationship_id = relationship.id
  ) as source_count,
  relationship.created_at,
  relationship.updated_at
from relationships as relationship
cross join (
  -- Computed for every row, which is cheap: a separate subquery would prevent parallel plans.
  select (now() at time zone 'UTC')::date as day
) as today
left join relationship_kinds as kind on kind.code = relationship.kind
left join (
  actors as subject
  left join actor_kinds as subject_kind on subject_kind.code = subject.kind
) on subject.id = relationship.subject_id
left join (
  actors as object
  left join actor_kinds as object_kind on object_kind.code = object.kind
) on object.id = relationship.object_id;
comment on view bi.relationships is 'Typed, dated relationships between actors, read subject, kind, object; one row per relationship';
comment on column bi.relationships.relationship_id is 'Id of the relationship';
comment on column bi.relationships.subject_id is 'Id of the subject of the relationship';
comment on column bi.relationships.subject is 'Name of the subject of the relationship';
comment on column bi.relationships.subject_kind is 'Kind of the subject, as a code of actor_kinds';
comment on column bi.relationships.subject_kind_label is 'Label of the kind of the subject';
comment on column bi.relationships.kind is 'Kind of the relationship, as a code of relationship_kinds';
comment on column bi.relationships.kind_label is 'The relationship in words, as read from the subject';
comment on column bi.relationships.inverse_label is 'The relationship in words, as read from the object';
comment on column bi.relationships.counts_for_state is 'Whether an act of the subject counts for the state at the end of the object, by the kind of the relationship';
comment on column bi.relationships.object_id is 'Id of the object of the relationship';
comment on column bi.relationships.object is 'Name of the object of the relationship';
comment on column bi.relationships.object_kind is 'Kind of the object, as a code of actor_kinds';
comment on column bi.relationships.object_kind_label is 'Label of the kind of the object';
comment on column bi.relationships.role is 'The subject''s role in the relationship: interior minister, chairman, spouse';
comment on column bi.relationships.share_percent is 'Share owned, 0 to 100, in percent, if it is known exactly; null if it is an interval or not known';
comment on column bi.relationships.share_percent_min is 'Least share owned, 0 to 100, in percent; null if not known';
comment on column bi.relationships.share_percent_max is 'Most share owned, 0 to 100, in percent; null if not known';
comment on column bi.relationships.started_on is 'When the relationship began, as written';
comment on column bi.relationships.started_on_earliest is 'First day that started_on may mean; null if open';
comment on column bi.relationships.started_on_latest is 'Last day that started_on may mean; null if its end is open';
comment on column bi.relationships.started_on_precision is 'Precision of started_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.relationships.ended_on is 'When the relationship ended, as written';
comment on column bi.relationships.ended_on_earliest is 'First day that ended_on may mean; null if open';
comment on column bi.relationships.ended_on_latest is 'Last day that ended_on may mean; null if its end is open';
comment on column bi.relationships.ended_on_precision is 'Precision of ended_on: day, month, year, approximate, interval, not_later_than, not_before or one_of';
comment on column bi.relationships.holds is 'Whether the relationship holds today (UTC), or may hold if a date is only partly known; a relationship without dates always holds. In relationships_holding: on its day';
comment on column bi.relationships.description is 'Further notes';
comment on column bi.relationships.claim_status is 'How far the claim is established';
comment on column bi.relationships.counts is 'True if the claim is neither denied nor retracted; other claims are not counted';
comment on column bi.relationships.best_grade is 'Best Admiralty grade among the citations that support the claim, from A1 (best) to F6; null if none was judged';
comment on column bi.relationships.source_count is 'Number of sources that are cited';
comment on column bi.relationships.created_at is 'When the record was created';
comment on column bi.relationships.updated_at is 'When the record last changed';
