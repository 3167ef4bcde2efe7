create view bi.enumerations as
with meaning (enumeration, value, meaning) as (values
  ('claim_status', 'reported', 'A source reports it; nobody has judged it further. The default'),
  ('claim_status', 'unconfirmed', 'Judged: nothing but a single report or allegation supports it so far'),
  ('claim_status', 'corroborated', 'Several independent sources support it, but no party to it has confirmed it'),
  ('claim_status', 'confirmed', 'A party to it, an official document or accepted findings confirm it'),
  ('claim_status', 'disputed', 'Sources contradict each other, and the question is open'),
  ('claim_status', 'denied', 'Denied by a party to it or rejected by findings; recorded as what was claimed'),
  ('claim_status', 'retracted', 'Withdrawn by those who made it'),
  ('modality', 'actual', 'It took place. The default'),
  ('modality', 'alleged', 'An actor alleges that it took place'),
  ('modality', 'planned', 'It was planned or proposed'),
  ('modality', 'threatened', 'It was threatened'),
  ('modality', 'hypothetical', 'It was only thought of as a possibility'),
  ('name_kind', 'alias', 'Another name under which the actor is known'),
  ('name_kind', 'weak_alias', 'An alias too common or vague to identify the actor by itself'),
  ('name_kind', 'former', 'A name that the actor no longer bears'),
  ('name_kind', 'original_script', 'The name in the script in which it is originally written'),
  ('name_kind', 'acronym', 'An abbreviation of the name'),
  ('revision_operation', 'baseline', 'Nothing: the record existed when revisions began to be kept'),
  ('revision_operation', 'create', 'Created the record'),
  ('revision_operation', 'update', 'Changed the record'),
  ('revision_operation', 'delete', 'Deleted the record'),
  ('revision_operation', 'restore', 'Made an earlier version current again'),
  ('revision_operation', 'merge', 'Merged the record into another one'),
  ('country_role', 'nationality', 'The actor is a national of the country'),
  ('country_role', 'jurisdiction', 'The actor is subject to the country''s law, as a registered company is'),
  ('country_role', 'flag', 'The ship or aircraft flies the country''s flag'),
  ('country_role', 'territory', 'The actor lies or operates on the country''s territory'),
  ('country_role', 'residence', 'The actor resides or has its seat in the country'),
  ('participant_role', 'initiator', 'Does it, alone or with others'),
  ('participant_role', 'target', 'The action is directed at or addressed to it'),
  ('participant_role', 'affected', 'Bears consequences of the action without being its target'),
  ('participant_role', 'mediator', 'Mediates between the others; counted among those who act'),
  ('link_kind', 'responds_to', 'Answers the other action'),
  ('link_kind', 'retaliates_for', 'Answers the other action by doing harm in return'),
  ('link_kind', 'escalates', 'Carries a conflict further than the other action did'),
  ('link_kind', 'alleges', 'States that the other action took place'),
  ('link_kind', 'implements', 'Carries out what the other action decided or announced'),
  ('link_kind', 'lifts', 'Ends what the other action imposed'),
  ('link_kind', 'supersedes', 'Takes the place of the other action'),
  ('link_kind', 'part_of', 'Is a part of the other, larger action'),
  ('link_kind', 'coordinated_with', 'Was arranged together with the other action'),
  ('link_kind', 'contradicts', 'Denies the other action, or cannot be true together with it'),
  ('source_kind', 'official_list', 'A list published by an authority, such as a sanctions list'),
  ('source_kind', 'official_statement', 'A statement of a government or another official body'),
  ('source_kind', 'legal_text', 'A law, regulation, resolution or judgment'),
  ('source_kind', 'news_article', 'An article of a news organization'),
  ('source_kind', 'social_media_post', 'A post on a social network'),
  ('source_kind', 'speech', 'A speech or interview'),
  ('source_kind', 'report', 'A report of an organization, such as a panel of experts'),
  ('source_kind', 'academic', 'A scholarly publication'),
  ('source_kind', 'dataset', 'A data set'),
  ('source_kind', 'other', 'Any other document'),
  ('source_reliability', 'A', 'Completely reliable'),
  ('source_reliability', 'B', 'Usually reliable'),
  ('source_reliability', 'C', 'Fairly reliable'),
  ('source_reliability', 'D', 'Not usually reliable'),
  ('source_reliability', 'E', 'Unreliable'),
  ('source_reliability', 'F', 'Reliability cannot be judged'),
  ('citation_stance', 'supports', 'The source says that the claim is true'),
  ('citation_stance', 'disputes', 'The source says that the claim is not true'),
  ('citation_stance', 'mentions', 'The source mentions the claim without taking a position'),
  ('sanction_outcome', 'ongoing', 'The objective is still pursued'),
  ('sanction_outcome', 'success_total', 'The objective was achieved completely'),
  ('sanction_outcome', 'success_part', 'The objective was achieved in part'),
  ('sanction_outcome', 'nego_settlement', 'The matter was settled by negotiation'),
  ('sanction_outcome', 'failed', 'The objective was not achieved'),
  ('sanction_status', 'not_yet', 'Before the first day of its start, and not announced by then'),
  ('sanction_status', 'announced', 'Announced, but not started yet'),
  ('sanction_status', 'in_force', 'Started, and neither lifted nor expired'),
  ('sanction_status', 'expired', 'After its last day, without having been lifted'),
  ('sanction_status', 'lifted', 'On or after the day on which it was lifted'),
  ('sanction_status', 'unknown', 'Its dates do not tell'),
  ('date_precision', 'day', 'A day'),
  ('date_precision', 'month', 'Some day of a month'),
  ('date_precision', 'year', 'Some day of a year'),
  ('date_precision', 'approximate', 'About a day, month or year'),
  ('date_precision', 'interval', 'Some day between two dates'),
  ('date_precision', 'not_later_than', 'On or before a day'),
  ('date_precision', 'not_before', 'On or after a day'),
  ('date_precision', 'one_of', 'One of several dates'),
  ('warning', 'begins_in_future', 'An actor begins in the future: a birth or a foundation that has not happened'),
  ('warning', 'answer_before_cause', 'An answer is dated before its cause, or a sanction before the act that announced it'),
  ('warning', 'act_after_end', 'An act is dated after the end of an actor who did or suffered it'),
  ('warning', 'act_before_beginning', 'An act is dated before the beginning of an actor who did or suffered it'),
  ('warning', 'shares_over_100', 'The owners of an actor have shares of more than 100 % at one time'),
  ('warning', 'ownership_circle', 'An actor owns itself at one time, through others'),
  ('warning', 'similar_claim', 'Another claim says the same of the same parties for a time that overlaps'),
  ('warning', 'without_measure', 'A sanction names no measure'),
  ('warning', 'without_citation', 'A sanction names no source'),
  ('warning', 'status_contradicted', 'The citations of a claim contradict its claim_status')
)
select
  word.enumeration,
  word.position,
  word.value,
  word.description,
  meaning.meaning
from (
  select
    type.typname::text as enumeration,
    row_number() over (partition by type.oid order by word.enumsortorder)::integer as position,
    word.enumlabel::text as value,
    obj_description(type.oid, 'pg_type') as description
  from pg_type as type
  join pg_enum as word on word.enumtypid = type.oid
  where type.typnamespace = 'public'::regnamespace and type.typname <> 'user_role'
  union all
  select 'sanction_status', status.position::integer, status.value, 'The status of a sanction on a day; derived from its dates, never stored'
  from unnest(array['not_yet', 'announced', 'in_force', 'expired', 'lifted', 'unknown'])
    with ordinality as status (value, position)
  union all
  select 'date_precision', precision.position::integer, precision.value, 'How precisely a date is known'
  from unnest(array['day', 'month', 'year', 'approximate', 'interval', 'not_later_than', 'not_before', 'one_of'])
    with ordinality as precision (value, position)
  union all
  select 'warning', warning.position::integer, warning.value, 'What is implausible in a record, though it is stored'
  from unnest(array[
    'begins_in_future',
    'answer_before_cause',
    'act_after_end',
    'act_before_beginning',
    'shares_over_100',
    'ownership_circle',
    'similar_claim',
    'without_measure',
    'without_citation',
    'status_contradicted'
  ])
    with ordinality as warning (value, position)
) as word
left join meaning on meaning.enumeration = word.enumeration and meaning.value = word.value;
comment on view bi.enumerations is 'Words of the closed vocabularies, with their meanings; one row per enumeration and value';
comment on column bi.enumerations.enumeration is 'Name of the enumeration, such as claim_status';
comment on column bi.enumerations.position is 'Position of the value in its order, from 1';
comment on column bi.enumerations.value is 'The word, as columns have it';
comment on column bi.enumerations.description is 'What the enumeration describes';
comment on column bi.enumerations.meaning is 'What the value means';
