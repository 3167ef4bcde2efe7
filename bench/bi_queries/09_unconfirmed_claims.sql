-- The latest claims that nobody has confirmed, and how many publishers stand behind each.
select dated_on, resource, summary, best_grade, independent_publishers
from bi.claims
where claim_status = 'unconfirmed' and dated_on_latest >= '2025-01-01'
order by dated_on_latest desc
limit 50;
-- by hand
select
  claim.dated_on,
  claim.resource,
  claim.summary,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.stance = 'supports'
      and (citation.sanction_id = claim.sanction_id or citation.action_id = claim.action_id or citation.relationship_id = claim.tie_id)
  ) as best_grade,
  (
    select count(distinct coalesce(plain_name(source.publisher), source.id::text))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.stance = 'supports'
      and (citation.sanction_id = claim.sanction_id or citation.action_id = claim.action_id or citation.relationship_id = claim.tie_id)
  ) as publishers
from (
  (
    select 'sanctions' as resource, sanction.id as sanction_id, null::uuid as action_id, null::uuid as tie_id,
      coalesce(sanction.imposed_on, sanction.effective_on, sanction.announced_on) as dated_on,
      nullif(
        case
          when sanction.imposed_on is not null then sanction.imposed_on_latest
          else partial_date_latest(coalesce(sanction.effective_on, sanction.announced_on))
        end,
        'infinity'
      ) as day,
      imposer.name || ' sanctions ' || target.name as summary
    from sanctions as sanction
    join actors as imposer on imposer.id = sanction.imposer_id
    join actors as target on target.id = sanction.target_id
    where sanction.claim_status = 'unconfirmed'
      and nullif(
        case
          when sanction.imposed_on is not null then sanction.imposed_on_latest
          else partial_date_latest(coalesce(sanction.effective_on, sanction.announced_on))
        end,
        'infinity'
      ) >= '2025-01-01'
    order by day desc
    limit 50
  )
  union all
  (
    select 'diplomatic-actions', null, action.id, null, action.occurred_on, nullif(action.occurred_on_latest, 'infinity') as day,
      action.title
    from diplomatic_actions as action
    where action.claim_status = 'unconfirmed' and nullif(action.occurred_on_latest, 'infinity') >= '2025-01-01'
    order by day desc
    limit 50
  )
  union all
  (
    select 'relationships', null, null, tie.id, tie.started_on, nullif(tie.started_on_latest, 'infinity') as day,
      subject.name || ' ' || kind.label || ' ' || object.name as summary
    from relationships as tie
    join relationship_kinds as kind on kind.code = tie.kind
    join actors as subject on subject.id = tie.subject_id
    join actors as object on object.id = tie.object_id
    where tie.claim_status = 'unconfirmed' and nullif(tie.started_on_latest, 'infinity') >= '2025-01-01'
    order by day desc
    limit 50
  )
) as claim
order by claim.day desc
limit 50;
