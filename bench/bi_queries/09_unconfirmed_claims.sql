-- The latest claims that nobody has confirmed, and how many publishers stand behind each.
select dated_on, resource, summary, best_grade, independent_publishers
from bi.claims
where claim_status = 'unconfirmed' and dated_on_latest >= '2025-01-01'
order by dated_on_latest desc
limit 50;
-- by hand
select
  claim.dated_on,
  claim.summary,
  (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.stance = 'supports' and (citation.sanction_id = claim.sanction_id or citation.action_id = claim.action_id)
  ) as best_grade,
  (
    select count(distinct coalesce(lower(source.publisher), source.id::text))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.stance = 'supports' and (citation.sanction_id = claim.sanction_id or citation.action_id = claim.action_id)
  ) as publishers
from (
  (
    select sanction.id as sanction_id, null::uuid as action_id, sanction.imposed_on as dated_on, sanction.imposed_on_latest as day,
      imposer.name || ' sanctions ' || target.name as summary
    from sanctions as sanction
    join actors as imposer on imposer.id = sanction.imposer_id
    join actors as target on target.id = sanction.target_id
    where sanction.claim_status = 'unconfirmed' and sanction.imposed_on_latest >= '2025-01-01'
    order by sanction.imposed_on_latest desc, sanction.id
    limit 50
  )
  union all
  (
    select null, action.id, action.occurred_on, action.occurred_on_latest, action.title
    from diplomatic_actions as action
    where action.claim_status = 'unconfirmed' and action.occurred_on_latest >= '2025-01-01'
    order by action.occurred_on_latest desc, action.id
    limit 50
  )
  union all
  (
    select null, null, tie.started_on, tie.started_on_latest, subject.name || ' – ' || object.name
    from relationships as tie
    join actors as subject on subject.id = tie.subject_id
    join actors as object on object.id = tie.object_id
    where tie.claim_status = 'unconfirmed' and tie.started_on_latest >= '2025-01-01'
    order by tie.started_on_latest desc, tie.id
    limit 50
  )
) as claim
order by claim.day desc
limit 50;
