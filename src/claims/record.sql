json_build_object(
  'resource', claim.resource,
  'id', claim.id,
  'summary', claim.summary,
  'claim_status', claim.claim_status,
  'grade', (
    select min(admiralty_grade(source.reliability, citation.credibility))
    from citations as citation
    join sources as source on source.id = citation.source_id
    where citation.stance = 'supports'
      and {citation_of_claim}
  ),
  'attributed_to', (
    select coalesce(json_agg(json_build_object(
      'id', speaker.id, 'name', speaker.name, 'kind', speaker.kind
    ) order by speaker.name, speaker.id), '[]')
    from actors as speaker
    where speaker.id in (
      select citation.attributed_to_id
      from citations as citation
      where {citation_of_claim}
    )
  ),
  'record', case claim.resource
    when 'sanctions' then (select {sanction}::json from sanctions as sanction where sanction.id = claim.id)
    when 'relationships' then (
      select {relationship}::json from relationships as relationship where relationship.id = claim.id
    )
    else (select {action}::json from diplomatic_actions as action where action.id = claim.id)
  end
)
