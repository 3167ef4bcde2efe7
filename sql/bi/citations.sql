create view bi.citations as
select
  citation.id as citation_id,
  coalesce(citation.sanction_id, citation.relationship_id, citation.action_id) as claim_id,
  case
    when citation.sanction_id is not null then 'sanctions'
    when citation.relationship_id is not null then 'relationships'
    else 'diplomatic-actions'
  end as resource,
  citation.sanction_id,
  citation.relationship_id,
  citation.action_id,
  citation.position,
  citation.source_id,
  source.title as source_title,
  source.kind::text as source_kind,
  source.publisher,
  source.url,
  source.published_on::text as published_on,
  nullif(source.published_on_earliest, '-infinity') as published_on_earliest,
  source.published_on_latest,
  citation.stance::text as stance,
  source.reliability::text as reliability,
  citation.credibility,
  admiralty_grade(source.reliability, citation.credibility) as grade,
  citation.attributed_to_id,
  speaker.name as attributed_to,
  citation.locator,
  citation.quote
from citations as citation
left join sources as source on source.id = citation.source_id
left join actors as speaker on speaker.id = citation.attributed_to_id;
comment on view bi.citations is 'Which source says what of which claim; one row per citation';
comment on column bi.citations.citation_id is 'Id of the citation';
comment on column bi.citations.claim_id is 'Id of the claim, as in claims';
comment on column bi.citations.resource is 'What the claim is: sanctions, relationships or diplomatic-actions';
comment on column bi.citations.sanction_id is 'The sanction that is claimed, where it is one';
comment on column bi.citations.relationship_id is 'The relationship that is claimed, where it is one';
comment on column bi.citations.action_id is 'The diplomatic action that is claimed, where it is one';
comment on column bi.citations.position is 'Order in which the citations of the claim were given, from 0';
comment on column bi.citations.source_id is 'Id of the source';
comment on column bi.citations.source_title is 'Title of the source';
comment on column bi.citations.source_kind is 'What sort of document the source is';
comment on column bi.citations.publisher is 'Who published the source';
comment on column bi.citations.url is 'Where the source was read';
comment on column bi.citations.published_on is 'When the source was published, as written';
comment on column bi.citations.published_on_earliest is 'First day that published_on may mean; null where open';
comment on column bi.citations.published_on_latest is 'Last day that published_on may mean';
comment on column bi.citations.stance is 'What the source does with the claim: supports, disputes or mentions it';
comment on column bi.citations.reliability is 'Reliability of the source on the Admiralty scale, A to F; null where nobody judged';
comment on column bi.citations.credibility is 'Credibility of what it says on the Admiralty scale, 1 to 6; null where nobody judged';
comment on column bi.citations.grade is 'Both together, as in B2; null where either was not judged';
comment on column bi.citations.attributed_to_id is 'Id of the actor whose word it is, where that is not the source''s own';
comment on column bi.citations.attributed_to is 'Name of the actor whose word it is';
comment on column bi.citations.locator is 'Where in the document: a page, a paragraph, a minute';
comment on column bi.citations.quote is 'The words themselves';
