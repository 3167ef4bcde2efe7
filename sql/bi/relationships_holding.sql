create function bi.relationships_holding(day date) returns setof bi.relationships
language sql stable parallel safe
begin atomic
  select
    relationship.relationship_id,
    relationship.subject_id,
    relationship.subject,
    relationship.subject_kind,
    relationship.subject_kind_label,
    relationship.kind,
    relationship.kind_label,
    relationship.inverse_label,
    relationship.counts_for_state,
    relationship.object_id,
    relationship.object,
    relationship.object_kind,
    relationship.object_kind_label,
    relationship.role,
    relationship.share_percent,
    relationship.started_on,
    relationship.started_on_earliest,
    relationship.started_on_latest,
    relationship.started_on_precision,
    relationship.ended_on,
    relationship.ended_on_earliest,
    relationship.ended_on_latest,
    relationship.ended_on_precision,
    true as holds,
    relationship.description,
    relationship.claim_status,
    relationship.counts,
    relationship.best_grade,
    relationship.source_count,
    relationship.created_at,
    relationship.updated_at
  from bi.relationships as relationship
  where day is not null
    and coalesce(relationship.started_on_earliest <= day, true)
    and coalesce(relationship.ended_on_latest >= day, true);
end;
comment on function bi.relationships_holding(date) is 'The relationships that hold on a day, or may hold if a date is only partly known, in the columns of bi.relationships; a tie without dates always holds';
