(
  select coalesce({list}({object}(
    'id', citation.id,
    'source', {source:citation.source_id},
    'credibility', citation.credibility,
    {response:'grade', (
      select admiralty_grade(source.reliability, citation.credibility)
      from sources as source
      where source.id = citation.source_id
    ),}
    'stance', citation.stance,
    'locator', citation.locator,
    'quote', citation.quote,
    'attributed_to', {actor:citation.attributed_to_id}
  ) order by citation.position, citation.id), '[]')
  from citations as citation
  where citation.{reference} = {id}
)
