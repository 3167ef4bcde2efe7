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
  nullif(source.published_on_latest, 'infinity') as published_on_latest,
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
comment on view bi.citations is 'What one source says about one claim; one row per citation';
comment on column bi.citations.citation_id is 'Id of the citation';
comment on column bi.citations.claim_id is 'Id of the claim, as in claims';
comment on column bi.citations.resource is 'What the claim is: sanctions, relationships or diplomatic-actions';
comment on column bi.citations.sanction_id is 'Id of the sanction, if the claim is a sanction';
comment on column bi.citations.relationship_id is 'Id of the relationship, if the claim is a relationship';
comment on column bi.citations.action_id is 'Id of the diplomatic action, if the claim is a diplomatic action';
comment on column bi.citations.position is 'Order of the citations of the claim in the record, from 0';
comment on column bi.citations.source_id is 'Id of the source';
comment on column bi.citations.source_title is 'Title of the source';
comment on column bi.citations.source_kind is 'Kind of the source';
comment on column bi.citations.publisher is 'Who published the source';
comment on column bi.citations.url is 'Address of the source';
comment on column bi.citations.published_on is 'When the source was published, as written';
comment on column bi.citations.published_on_earliest is 'First day that published_on may mean; null if open';
comment on column bi.citations.published_on_latest is 'Last day that published_on may mean; null if its end is open';
comment on column bi.citations.stance is 'Stance of the source: it supports, disputes or mentions the claim';
comment on column bi.citations.reliability is 'Reliability of the source on the Admiralty scale, A to F; null if nobody judged it';
comment on column bi.citations.credibility is 'Credibility of what the source says on the Admiralty scale, 1 to 6; null if nobody judged it';
comment on column bi.citations.grade is 'Reliability and credibility together, as in B2; null if either was not judged';
comment on column bi.citations.attributed_to_id is 'Id of the actor whose words the source reports; null if they are the source''s own';
comment on column bi.citations.attributed_to is 'Name of the actor whose words the source reports';
comment on column bi.citations.locator is 'Where in the document: a page, a paragraph, a minute';
comment on column bi.citations.quote is 'Quotation from the source';
