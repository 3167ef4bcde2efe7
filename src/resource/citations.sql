(
  select coalesce(json_agg(json_build_object(
    'id', citation.id,
    'source', json_build_object('id', source.id, 'title', source.title),
    'credibility', citation.credibility,
    'grade', admiralty_grade(source.reliability, citation.credibility),
    'stance', citation.stance,
    'locator', citation.locator,
    'quote', citation.quote,
    'attributed_to', case when speaker.id is not null then
      json_build_object('id', speaker.id, 'name', speaker.name, 'kind', speaker.kind)
    end
  ) order by citation.position, citation.id), '[]')
  from citations as citation
  join sources as source on source.id = citation.source_id
  left join actors as speaker on speaker.id = citation.attributed_to_id
  where citation.{claim} = {id}
)
