"""The shapes of requests and responses. Generated from the OpenAPI document: do not edit."""
from __future__ import annotations

# Made by clients/python/generate_models.py from tests/it/snapshots/openapi.snap.
#   shapes: fa29a722e81ba661beed3da5df03978172255b06e35042a4d6640d0b13c4c20c

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class ActorReference(TypedDict):
    """
    An actor as responses name it.
    """

    id: str
    """
    Id of the actor
    """
    kind: str
    """
    A code of the vocabulary actor_kinds
    """
    name: str
    """
    Its main name
    """


ChainDirection: TypeAlias = Literal['before', 'after']
"""
Whether an action of a chain led to the action that was asked for or followed from it.
"""


CitationStance: TypeAlias = Literal['supports', 'disputes', 'mentions']
"""
What a source says about the claim that cites it.

- `supports`: The source says that the claim is true
- `disputes`: The source says that the claim is not true
- `mentions`: The source mentions the claim without taking a position
"""


ClaimStatus: TypeAlias = Literal[
    'reported',
    'unconfirmed',
    'corroborated',
    'confirmed',
    'disputed',
    'denied',
    'retracted',
]
"""
How far a claim is established. A denied or retracted claim is never counted.

- `reported`: A source reports it; nobody has judged it further. The default
- `unconfirmed`: Judged: nothing but a single report or allegation supports it so far
- `corroborated`: Several independent sources support it, but no party to it has confirmed it
- `confirmed`: A party to it, an official document or accepted findings confirm it
- `disputed`: Sources contradict each other, and the question is open
- `denied`: Denied by a party to it or rejected by findings; recorded as what was claimed
- `retracted`: Withdrawn by those who made it
"""


CountryRole: TypeAlias = Literal[
    'nationality', 'jurisdiction', 'flag', 'territory', 'residence'
]
"""
How a country is related to an actor.

- `nationality`: The actor is a national of the country
- `jurisdiction`: The actor is subject to the country's law, as a registered company is
- `flag`: The ship or aircraft flies the country's flag
- `territory`: The actor lies or operates on the country's territory
- `residence`: The actor resides or has its seat in the country
"""


class Counts(TypedDict):
    """
    Counts of groups of records.
    """

    items: list[dict[str, Any]]
    """
    One object for each group: the values of the fields of `by` under their names, labels of codes and ids under the name with
    `.label`, and the measures
    """
    rows_left_off: int
    """
    How many of them `items` leaves out
    """
    total: int
    """
    How many groups there are
    """


class Dropped(TypedDict):
    """
    What the target did not take over, and why.
    """

    detail: str
    """
    Why it was not taken over
    """
    pointer: str
    """
    JSON pointer into the source; for a participation, the path of the diplomatic action; for a relationship that became equal
    to another, its path
    """


Event: TypeAlias = Literal['imposed', 'lifted', 'expired', 'occurred']
"""
The kind of an event.
"""


class ExternalKey(TypedDict):
    """
    A key of another system: a record is found by `scheme:value`.
    """

    scheme: str
    """
    A lower-case word for who gave the key
    """
    value: str
    """
    The key itself
    """


class FacetValue(TypedDict):
    """
    A value, and how many records have it.
    """

    count: int
    """
    How many records of the whole list have it
    """
    label: NotRequired[str | None]
    """
    The label of a code, or the name or title of a record; absent for values without labels
    """
    value: Any
    """
    The code, id, word, text or period; null for the records without a value
    """


class FacetValues(TypedDict):
    """
    The values that the records of a whole list have of one field.
    """

    total: int
    """
    How many values there are
    """
    values: list[FacetValue]
    """
    The 20 values that most records have, the most frequent first. A record with several values counts under each, one without a
    value under null
    """


class Fault(TypedDict):
    """
    One fault and its place.
    """

    detail: str
    """
    What is wrong, and what to write instead
    """
    pointer: str
    """
    JSON pointer into the body (`/imposed_on`), or `?name` for a query parameter
    """


LinkKind: TypeAlias = Literal[
    'responds_to',
    'retaliates_for',
    'escalates',
    'alleges',
    'implements',
    'lifts',
    'supersedes',
    'part_of',
    'coordinated_with',
    'contradicts',
]
"""
How one diplomatic action relates to another. `responds_to`, `retaliates_for` and `escalates` are causal and may not form a cycle.

- `responds_to`: Answers the other action
- `retaliates_for`: Answers the other action by doing harm in return
- `escalates`: Carries a conflict further than the other action did
- `alleges`: States that the other action took place
- `implements`: Carries out what the other action decided or announced
- `lifts`: Ends what the other action imposed
- `supersedes`: Takes the place of the other action
- `part_of`: Is a part of the other, larger action
- `coordinated_with`: Was arranged together with the other action
- `contradicts`: Denies the other action, or cannot be true together with it
"""


class Match(TypedDict):
    """
    How well a record matches a search, and where.
    """

    rank: float
    """
    How well it matches: more than 0; larger is better. Compares the records of one search, not of two
    """
    snippet: NotRequired[str | None]
    """
    The part of a text that matches, as HTML: `<mark>` around each word that was searched for, and `&amp;`, `&lt;` and `&gt;`
    for the characters `&`, `<` and `>` of the text. Null if no text has the words side by side
    """


Modality: TypeAlias = Literal[
    'actual', 'alleged', 'planned', 'threatened', 'hypothetical'
]
"""
Whether an action took place. Only an actual action is counted as an event.

- `actual`: It took place. The default
- `alleged`: An actor alleges that it took place
- `planned`: It was planned or proposed
- `threatened`: It was threatened
- `hypothetical`: It was only thought of as a possibility
"""


class Moved(TypedDict):
    """
    How many references moved from the source to the target.
    """

    attributions: int
    """
    Citations that attribute a statement to the actor
    """
    participations: int
    """
    Participants of diplomatic actions
    """
    programmes: int
    """
    Imposers of programmes
    """
    relationships: int
    """
    Subjects and objects of relationships
    """
    sanctions: int
    """
    Imposers and targets of sanctions
    """


NameKind: TypeAlias = Literal[
    'alias', 'weak_alias', 'former', 'original_script', 'acronym'
]
"""
The kind of a further name of an actor.

- `alias`: Another name under which the actor is known
- `weak_alias`: An alias too common or vague to identify the actor by itself
- `former`: A name that the actor no longer bears
- `original_script`: The name in the script in which it is originally written
- `acronym`: An abbreviation of the name
"""


OperationMethod: TypeAlias = Literal['POST', 'PUT', 'PATCH', 'DELETE']
"""
POST creates, PUT replaces, PATCH changes and DELETE deletes a record.
"""


class OperationResponse(TypedDict):
    """
    The result of one operation.
    """

    body: NotRequired[dict[str, Any] | None]
    """
    The record as it is now; null after DELETE
    """
    id: NotRequired[str | None]
    """
    Id of the record; null after DELETE
    """
    status: int
    """
    The HTTP status code of the record's own route
    """


PartialDate: TypeAlias = str
"""
A date with its precision, in a subset of EDTF (ISO 8601-2): a year, a month or a day; `~` after it means about; `1960/1962-05` means some time between the two, and may not end before it begins; `../2025-11-12` means not later than; `2023-06-21/..` means not before; `[1999,2003]` means one of these; `198X` has a digit that is not known, and is stored as `1980/1989`. The members of a set are stored in order and without doubles; anything else is kept as written. A date compares as the interval from the first to the last day that it covers.
"""


ParticipantRole: TypeAlias = Literal['initiator', 'target', 'affected', 'mediator']
"""
The part that an actor has in a diplomatic action.

- `initiator`: Does it, alone or with others
- `target`: The action is directed at or addressed to it
- `affected`: Bears consequences of the action without being its target
- `mediator`: Mediates between the others; counted among those who act
"""


PatchOperation = TypedDict(
    'PatchOperation',
    {
        'from': NotRequired[str | None],
        'op': str,
        'path': str,
        'value': NotRequired[Any],
    },
)


class Problem(TypedDict):
    """
    A problem document: `application/problem+json`, RFC 9457.
    """

    detail: str
    """
    What is wrong with this request, and what to do
    """
    errors: list[Fault]
    """
    The faults of the request; empty if it has none
    """
    instance: str
    """
    The request's id, also in the header X-Request-Id
    """
    status: int
    """
    The HTTP status code
    """
    title: str
    """
    What kind of problem it is, in a few words
    """
    type: str
    """
    `/problems/{word}`, the address of a page that explains the problem
    """


class Programme(TypedDict):
    """
    A legal basis under which sanctions are imposed.
    """

    code: str
    """
    The publisher's own tag; the key programme:CODE names the record
    """
    created_at: str
    """
    When the registry recorded it
    """
    description: NotRequired[str | None]
    """
    What is to be known about it; null if nothing was written
    """
    external_keys: list[ExternalKey]
    """
    Its keys in other registries
    """
    id: str
    """
    Id of the programme
    """
    imposer: ActorReference
    """
    The body that imposes sanctions under it
    """
    legal_basis: NotRequired[str | None]
    """
    The law, order or resolution; null if not recorded
    """
    name: str
    """
    The name that people read
    """
    properties: dict[str, list[str]]
    """
    What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    property_names
    """
    updated_at: str
    """
    When its current version was written
    """
    url: NotRequired[str | None]
    """
    The publisher's page about it; null if not recorded
    """
    version: int
    """
    Number of the current version: 1 when created, one more with each change
    """


class ProgrammeReference(TypedDict):
    """
    A programme as responses name it.
    """

    code: str
    """
    The publisher's own tag
    """
    id: str
    """
    Id of the programme
    """
    name: str
    """
    Its name
    """


class RecordId(TypedDict):
    """
    A record by its id alone; it may be deleted.
    """

    id: str
    """
    Id of the record
    """


class ReferenceObject(TypedDict):
    """
    The object that a response has; only its id is read
    """

    code: NotRequired[str]
    id: str
    kind: NotRequired[str]
    name: NotRequired[str]
    published_on: NotRequired[str | None]
    publisher: NotRequired[str | None]
    title: NotRequired[str]
    url: NotRequired[str | None]


class SharePercent(TypedDict):
    """
    An interval, ends included; an end that is absent is 0 or 100
    """

    max: NotRequired[float]
    min: NotRequired[float]


Resource: TypeAlias = Literal[
    'actors',
    'relationships',
    'programmes',
    'sanctions',
    'diplomatic-actions',
    'sources',
]
"""
The kinds of records that the registry holds.
"""


class RestoreRequest(TypedDict):
    """
    Which version to restore.
    """

    version: NotRequired[int | None]
    """
    Required; one at which the record was there
    """


RevisionOperation: TypeAlias = Literal[
    'baseline', 'create', 'update', 'delete', 'restore', 'merge'
]
"""
What a revision of a record did.

- `baseline`: Nothing: the record existed when revisions began to be kept
- `create`: Created the record
- `update`: Changed the record
- `delete`: Deleted the record
- `restore`: Made an earlier version current again
- `merge`: Merged the record into another one
"""


SanctionOutcome: TypeAlias = Literal[
    'ongoing', 'success_total', 'success_part', 'nego_settlement', 'failed'
]
"""
The outcome of an objective, in the words of the Global Sanctions Data Base.

- `ongoing`: The objective is still pursued
- `success_total`: The objective was achieved completely
- `success_part`: The objective was achieved in part
- `nego_settlement`: The matter was settled by negotiation
- `failed`: The objective was not achieved
"""


SanctionStatus: TypeAlias = Literal[
    'not_yet', 'announced', 'in_force', 'expired', 'lifted', 'unknown'
]
"""
The status of a sanction on a day; derived from its dates, never stored.

- `not_yet`: Before the first day of its start, and not announced by then
- `announced`: Announced, but not started yet
- `in_force`: Started, and neither lifted nor expired
- `expired`: After its last day, without having been lifted
- `lifted`: On or after the day on which it was lifted
- `unknown`: Its dates do not tell
"""


SourceKind: TypeAlias = Literal[
    'official_list',
    'official_statement',
    'legal_text',
    'news_article',
    'social_media_post',
    'speech',
    'report',
    'academic',
    'dataset',
    'other',
]
"""
The kind of a source.

- `official_list`: A list published by an authority, such as a sanctions list
- `official_statement`: A statement of a government or another official body
- `legal_text`: A law, regulation, resolution or judgment
- `news_article`: An article of a news organization
- `social_media_post`: A post on a social network
- `speech`: A speech or interview
- `report`: A report of an organization, such as a panel of experts
- `academic`: A scholarly publication
- `dataset`: A data set
- `other`: Any other document
"""


class SourceReference(TypedDict):
    """
    A source as responses name it.
    """

    id: str
    """
    Id of the source
    """
    published_on: NotRequired[PartialDate | None]
    publisher: NotRequired[str | None]
    """
    Who published it; null if not recorded
    """
    title: str
    """
    Its title
    """
    url: NotRequired[str | None]
    """
    Its web address; null if not recorded
    """


SourceReliability: TypeAlias = Literal['A', 'B', 'C', 'D', 'E', 'F']
"""
The reliability of a source on the Admiralty scale.

- `A`: Completely reliable
- `B`: Usually reliable
- `C`: Fairly reliable
- `D`: Not usually reliable
- `E`: Unreliable
- `F`: Reliability cannot be judged
"""


class SourceRequest(TypedDict):
    """
    A source as a request sends it.
    """

    archive_url: NotRequired[str | None]
    """
    Web address of an archived copy, beginning with http:// or https://
    """
    author: NotRequired[str | None]
    """
    The person that wrote or said it
    """
    content_sha256: NotRequired[str | None]
    """
    SHA-256 of what was read, in lower-case hexadecimal
    """
    external_keys: NotRequired[list[ExternalKey] | None]
    """
    Its keys in other registries
    """
    kind: NotRequired[SourceKind | None]
    language: NotRequired[str | None]
    """
    BCP 47 tag of its language, such as es
    """
    notes: NotRequired[str | None]
    """
    What is to be known about it
    """
    properties: NotRequired[dict[str, list[str]]]
    """
    What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    whose values are checked
    """
    published_on: NotRequired[PartialDate | None]
    publisher: NotRequired[str | None]
    """
    The body that published it
    """
    reliability: NotRequired[SourceReliability | None]
    retrieved_at: NotRequired[str | None]
    """
    When it was read: RFC 3339 with an offset; responses have it in UTC
    """
    title: NotRequired[str | None]
    """
    Required; its title
    """
    url: NotRequired[str | None]
    """
    Web address at which it was read, beginning with http:// or https://
    """


class TitleReference(TypedDict):
    """
    A diplomatic action as responses name it.
    """

    id: str
    """
    Id of the record
    """
    title: str
    """
    Its title
    """


ValueType: TypeAlias = Literal['text', 'word', 'date', 'number', 'country', 'url']
"""
What the values of a registered name of properties must be.
"""


Vocabulary: TypeAlias = Literal[
    'countries',
    'actor_kinds',
    'relationship_kinds',
    'identifier_schemes',
    'measures',
    'grounds',
    'objectives',
    'action_types',
    'cameo_codes',
    'property_names',
]
"""
An open vocabulary.
"""


Warning: TypeAlias = Literal[
    'begins_in_future',
    'answer_before_cause',
    'act_after_end',
    'act_before_beginning',
    'shares_over_100',
    'ownership_circle',
    'similar_claim',
    'without_measure',
    'without_citation',
    'status_contradicted',
]
"""
What is implausible in a record, though it is stored

- `begins_in_future`: An actor begins in the future: a birth or a foundation that has not happened
- `answer_before_cause`: An answer is dated before its cause, or a sanction before the act that announced it
- `act_after_end`: An act is dated after the end of an actor who did or suffered it
- `act_before_beginning`: An act is dated before the beginning of an actor who did or suffered it
- `shares_over_100`: The owners of an actor have shares of more than 100 % at one time
- `ownership_circle`: An actor owns itself at one time, through others
- `similar_claim`: Another claim says the same of the same parties for a time that overlaps
- `without_measure`: A sanction names no measure
- `without_citation`: A sanction names no source
- `status_contradicted`: The citations of a claim contradict its claim_status
"""


class Warnings(TypedDict):
    """
    What the response to a write has beside the record.
    """

    warnings: NotRequired[list[Fault]]
    """
    What is implausible in the record as it is stored now. Absent if nothing is; not part of the record and not in its ETag
    """


class Written(TypedDict):
    """
    What was done to a record, by whom and why.
    """

    at: str
    """
    When the registry recorded it
    """
    backdated: bool
    """
    Whether the writer set `at` to an earlier time than that of the write
    """
    by: str
    """
    The user of the token that wrote it; `role:` and the database role if it was written without a token
    """
    comment: NotRequired[str | None]
    """
    The writer's reason, from the header X-Comment; null if none was given
    """
    merged_into: NotRequired[RecordId | None]
    operation: RevisionOperation
    """
    What was done to the record
    """
    request_id: NotRequired[str | None]
    """
    X-Request-Id of the request that wrote it; null if no request did
    """
    version: int
    """
    Version of the record after the change, from 1
    """


Address = TypedDict(
    'Address',
    {
        'city': NotRequired[str | None],
        'country': NotRequired[str | None],
        'from': NotRequired[PartialDate | None],
        'full': NotRequired[str | None],
        'postal_code': NotRequired[str | None],
        'region': NotRequired[str | None],
        'street': NotRequired[str | None],
        'until': NotRequired[PartialDate | None],
    },
)


AddressRequest = TypedDict(
    'AddressRequest',
    {
        'city': NotRequired[str | None],
        'country': NotRequired[str | None],
        'from': NotRequired[PartialDate | None],
        'full': NotRequired[str | None],
        'postal_code': NotRequired[str | None],
        'region': NotRequired[str | None],
        'street': NotRequired[str | None],
        'until': NotRequired[PartialDate | None],
    },
)


class BatchResponse(TypedDict):
    """
    The results of the operations, in their order.
    """

    results: list[OperationResponse]


class ChainEdge(TypedDict):
    """
    An action of a chain with links to actions that the chain lacks.
    """

    action: TitleReference
    """
    The action
    """
    direction: ChainDirection
    """
    Whether the actions that the chain lacks led to this one or followed from it
    """


class Change(TypedDict):
    """
    One change of one record.
    """

    at: str
    """
    When the registry recorded it
    """
    backdated: bool
    """
    Whether the writer set `at` to an earlier time than that of the write
    """
    by: str
    """
    Who wrote it: the user of the token, or `role:` and the database role
    """
    code: NotRequired[str | None]
    """
    Code of a vocabulary entry, which is how it is read; else null
    """
    comment: NotRequired[str | None]
    """
    The writer's reason; null if none was given
    """
    id: str
    """
    Id of the record; for a vocabulary entry an id derived from its code
    """
    merged_into: NotRequired[RecordId | None]
    operation: RevisionOperation
    """
    What was done to the record
    """
    record: NotRequired[dict[str, Any] | None]
    """
    The whole record after the change, with other records in it as {"id"} only; null if the record ended
    """
    resource: str
    """
    As in paths: actors, diplomatic-actions, vocabularies/measures …
    """
    sequence: int
    """
    Number in the order of all changes: from 1, without gaps, never changed
    """
    version: int
    """
    Version of the record after the change, from 1
    """


class Changes(TypedDict):
    """
    A page of changes.
    """

    items: list[Change]
    """
    In order; empty if there is nothing new
    """
    next: int
    """
    Send it as `after` in the next request
    """


class Citation(TypedDict):
    """
    What a source says about the claim that cites it.
    """

    attributed_to: NotRequired[ActorReference | None]
    credibility: NotRequired[int | None]
    """
    Credibility of the information on the Admiralty scale: 1 confirmed by other sources to 5 improbable, 6 cannot be judged;
    null if nobody judged it
    """
    grade: NotRequired[str | None]
    """
    Reliability of the source and credibility together, such as B2; null if either was not judged
    """
    id: str
    """
    Id of the citation; it stays the same while the claim keeps the citation
    """
    locator: NotRequired[str | None]
    """
    Where in the source: a page, a paragraph, a time; null if not recorded
    """
    quote: NotRequired[str | None]
    """
    The words of the source; null if not recorded
    """
    source: SourceReference
    """
    The source that is cited
    """
    stance: CitationStance
    """
    Whether the source supports, disputes or only mentions the claim
    """


Country = TypedDict(
    'Country',
    {
        'code': str,
        'from': NotRequired[PartialDate | None],
        'role': CountryRole,
        'until': NotRequired[PartialDate | None],
    },
)


CountryRequest = TypedDict(
    'CountryRequest',
    {
        'code': NotRequired[str | None],
        'from': NotRequired[PartialDate | None],
        'role': NotRequired[CountryRole | None],
        'until': NotRequired[PartialDate | None],
    },
)


class Entry(TypedDict):
    """
    An entry of a vocabulary. It has only the fields of its vocabulary.
    """

    applies_to: NotRequired[list[str] | None]
    """
    Of property_names: the records that the name is meant for, as resources (sanctions) or kinds of actors (actors/vessel);
    empty for all. No record is refused for it
    """
    began_on: NotRequired[PartialDate | None]
    cameo_code: NotRequired[str | None]
    """
    Of action_types: the default CAMEO code of an action of this type
    """
    code: str
    """
    The word that records use; it never changes
    """
    counts_for_state: NotRequired[bool | None]
    """
    Of relationship_kinds: whether an act of the subject counts as an act of the state at the end of the object
    """
    created_at: str
    """
    When the registry recorded the entry
    """
    description: NotRequired[str | None]
    """
    What the entry means; null if nothing was written
    """
    ended_on: NotRequired[PartialDate | None]
    ftm_name: NotRequired[str | None]
    """
    Of property_names: its name in FollowTheMoney; null if it has none
    """
    goldstein: NotRequired[float | None]
    """
    Of cameo_codes: Goldstein score, -10 (most conflictual) to 10 (most cooperative)
    """
    goldstein_from: NotRequired[str | None]
    """
    Of cameo_codes: the parent code from which the score is taken; null if the code has a score of its own
    """
    inverse_label: NotRequired[str | None]
    """
    Of relationship_kinds: the label as read from the object
    """
    is_unique: NotRequired[bool | None]
    """
    Of identifier_schemes: whether a value belongs to one actor only
    """
    iso3: NotRequired[str | None]
    """
    Of countries: ISO 3166-1 alpha-3
    """
    iso_numeric: NotRequired[str | None]
    """
    Of countries: ISO 3166-1 numeric
    """
    label: str
    """
    The name that people read, in English
    """
    pattern: NotRequired[str | None]
    """
    Of identifier_schemes: the PostgreSQL regular expression that every value matches; null if any text is allowed
    """
    quad_class: NotRequired[int | None]
    """
    Of cameo_codes: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    """
    region: NotRequired[str | None]
    """
    Of countries: continent, in the words of the UN geoscheme
    """
    root: NotRequired[str | None]
    """
    Of cameo_codes: the first two digits; read-only
    """
    subregion: NotRequired[str | None]
    """
    Of countries: subregion, in the words of the UN geoscheme
    """
    updated_at: str
    """
    When the entry was changed last
    """
    value_type: NotRequired[ValueType | None]
    version: int
    """
    Number of the current version: 1 when created, one more with each change
    """
    words: NotRequired[list[str] | None]
    """
    Of property_names: the words that are allowed; empty unless value_type is word
    """


class EntryRequest(TypedDict):
    """
    An entry to create or replace. It may have only the fields of its vocabulary.
    """

    applies_to: NotRequired[list[str] | None]
    """
    Of property_names: the records that the name is meant for, as resources (sanctions) or kinds of actors (actors/vessel);
    all if absent
    """
    began_on: NotRequired[PartialDate | None]
    cameo_code: NotRequired[str | None]
    """
    Of action_types, required: the default CAMEO code of an action of this type
    """
    code: NotRequired[str | None]
    """
    Required for a new entry, read-only afterwards
    """
    counts_for_state: NotRequired[bool | None]
    """
    Of relationship_kinds, false if absent: whether an act of the subject counts as an act of the state at the end of the object
    """
    description: NotRequired[str | None]
    """
    What the entry means
    """
    ended_on: NotRequired[PartialDate | None]
    ftm_name: NotRequired[str | None]
    """
    Of property_names: its name in FollowTheMoney
    """
    goldstein: NotRequired[float | None]
    """
    Of cameo_codes, required: Goldstein score of at most one decimal
    """
    goldstein_from: NotRequired[str | None]
    """
    Of cameo_codes: the parent code from which the score is taken
    """
    inverse_label: NotRequired[str | None]
    """
    Of relationship_kinds, required: the label as read from the object
    """
    is_unique: NotRequired[bool | None]
    """
    Of identifier_schemes, true if absent: whether a value belongs to one actor only
    """
    iso3: NotRequired[str | None]
    """
    Of countries, unique: ISO 3166-1 alpha-3
    """
    iso_numeric: NotRequired[str | None]
    """
    Of countries: ISO 3166-1 numeric
    """
    label: NotRequired[str | None]
    """
    Required
    """
    pattern: NotRequired[str | None]
    """
    Of identifier_schemes: the PostgreSQL regular expression that every value must match; anchor it with ^ and $
    """
    quad_class: NotRequired[int | None]
    """
    Of cameo_codes, required: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    """
    region: NotRequired[str | None]
    """
    Of countries: continent, in the words of the UN geoscheme
    """
    subregion: NotRequired[str | None]
    """
    Of countries: subregion, in the words of the UN geoscheme
    """
    value_type: NotRequired[ValueType | None]
    words: NotRequired[list[str] | None]
    """
    Of property_names: the words that are allowed; required if value_type is word, and only then allowed
    """


class FoundRecord(TypedDict):
    """
    A record that was found.
    """

    id: str
    """
    Id of the record
    """
    match: Match
    """
    How well it matches, and where
    """
    path: str
    """
    The path of the record
    """
    resource: Resource
    """
    The kind of the record
    """
    title: str
    """
    What the record is called: its name or title, or both ends and what is between them
    """


class Identifier(TypedDict):
    """
    A number or code by which others know an actor.
    """

    country: NotRequired[str | None]
    """
    The country that issued it, a code of the vocabulary countries; null if not recorded
    """
    scheme: str
    """
    A code of the vocabulary identifier_schemes
    """
    valid_from: NotRequired[PartialDate | None]
    valid_until: NotRequired[PartialDate | None]
    value: str
    """
    The number or code
    """


class IdentifierRequest(TypedDict):
    """
    An identifier of an actor as a request sends it.
    """

    country: NotRequired[str | None]
    """
    The country that issued it, a code of the vocabulary countries
    """
    scheme: NotRequired[str | None]
    """
    Required; a code of the vocabulary identifier_schemes
    """
    valid_from: NotRequired[PartialDate | None]
    valid_until: NotRequired[PartialDate | None]
    value: NotRequired[str | None]
    """
    Required; the number or code
    """


class Link(TypedDict):
    """
    How the action relates to another. Read it as action, kind, linked action: this action retaliates_for that one.
    """

    action: TitleReference
    """
    The linked action
    """
    kind: LinkKind
    """
    How they relate
    """


class LinkFrom(TypedDict):
    """
    How another action relates to this one. Read it as linking action, kind, this action: that action retaliates_for this one.
    """

    action: TitleReference
    """
    The action that has the link
    """
    kind: LinkKind
    """
    How they relate
    """


Measure = TypedDict(
    'Measure',
    {
        'from': NotRequired[PartialDate | None],
        'measure': str,
        'until': NotRequired[PartialDate | None],
    },
)


MeasureRequestObject = TypedDict(
    'MeasureRequestObject',
    {
        'from': NotRequired[PartialDate | None],
        'measure': NotRequired[str | None],
        'until': NotRequired[PartialDate | None],
    },
)


class Merged(TypedDict):
    """
    What became of the source of a merge.
    """

    dropped: list[Dropped]
    """
    What the target did not take over, because it has it already or has another value
    """
    id: str
    """
    Id of the source
    """
    moved: Moved
    """
    How many references moved from the source to the target
    """
    name: str
    """
    Its main name
    """
    version: int
    """
    Its last version, which records the merge
    """


Name = TypedDict(
    'Name',
    {
        'from': NotRequired[PartialDate | None],
        'kind': NameKind,
        'lang': NotRequired[str | None],
        'name': str,
        'until': NotRequired[PartialDate | None],
    },
)


NameRequest = TypedDict(
    'NameRequest',
    {
        'from': NotRequired[PartialDate | None],
        'kind': NotRequired[NameKind | None],
        'lang': NotRequired[str | None],
        'name': NotRequired[str | None],
        'until': NotRequired[PartialDate | None],
    },
)


class Objective(TypedDict):
    """
    What an imposer wants to achieve, and the outcome.
    """

    objective: str
    """
    A code of the vocabulary objectives
    """
    outcome: NotRequired[SanctionOutcome | None]


class ObjectiveRequestObject(TypedDict):
    """
    An objective with its outcome.
    """

    objective: NotRequired[str | None]
    """
    Required; a code of the vocabulary objectives
    """
    outcome: NotRequired[SanctionOutcome | None]


class OpenWarning(TypedDict):
    """
    What is implausible in a record.
    """

    code: Warning
    """
    What kind of warning it is
    """
    detail: str
    """
    What is implausible
    """
    id: str
    """
    Id of the record
    """
    path: str
    """
    The path of the record
    """
    pointer: str
    """
    JSON pointer into the record; empty for the record as a whole
    """
    resource: Resource
    """
    The kind of the record
    """


class Participant(TypedDict):
    """
    An actor that took part in an action.
    """

    actor: ActorReference
    """
    The actor
    """
    role: ParticipantRole
    """
    What the actor did in the action
    """


Reference: TypeAlias = str | ReferenceObject


class Relationship(TypedDict):
    """
    A dated tie of a kind between two actors. Read it as subject, kind, object: this person head_of_state_of that state.
    """

    citations: list[Citation]
    """
    The sources, and what each says about it
    """
    claim_status: ClaimStatus
    """
    How far the sources support it
    """
    created_at: str
    """
    When the registry recorded it
    """
    description: NotRequired[str | None]
    """
    What is to be known about it; null if nothing was written
    """
    ended_on: NotRequired[PartialDate | None]
    external_keys: list[ExternalKey]
    """
    Its keys in other registries
    """
    id: str
    """
    Id of the relationship
    """
    kind: str
    """
    A code of the vocabulary relationship_kinds
    """
    object: ActorReference
    """
    The actor to which the tie is read
    """
    properties: dict[str, list[str]]
    """
    What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    property_names
    """
    role: NotRequired[str | None]
    """
    The role of the subject in it; null if not recorded
    """
    share_percent: NotRequired[float | SharePercent | None]
    """
    Share that the subject owns, in percent: a number, or an interval such as {"min": 25, "max": 50}; null if not known
    """
    started_on: NotRequired[PartialDate | None]
    subject: ActorReference
    """
    The actor from which the tie is read
    """
    updated_at: str
    """
    When its current version was written
    """
    version: int
    """
    Number of the current version: 1 when created, one more with each change
    """


class Revision(Written):
    """
    A version of a record in its history.
    """

    diff: list[PatchOperation]
    """
    JSON Patch from the version before. The first is a patch of null, and a deletion results in null: applied in order, the
    patches give every version
    """


class Sanction(TypedDict):
    """
    The measures of one imposer against one target.
    """

    action: NotRequired[TitleReference | None]
    announced_on: NotRequired[PartialDate | None]
    citations: list[Citation]
    """
    The sources, and what each says about it
    """
    claim_status: ClaimStatus
    """
    How far the sources support it
    """
    created_at: str
    """
    When the registry recorded it
    """
    effective_on: NotRequired[PartialDate | None]
    expires_on: NotRequired[PartialDate | None]
    external_keys: list[ExternalKey]
    """
    Its keys in other registries
    """
    grounds: list[str]
    """
    Why the target is sanctioned: codes of the vocabulary grounds
    """
    id: str
    """
    Id of the sanction
    """
    imposed_on: NotRequired[PartialDate | None]
    imposer: ActorReference
    """
    The body that imposed it
    """
    legal_basis: NotRequired[str | None]
    """
    The law, order or resolution; null if not recorded
    """
    lift_reason: NotRequired[str | None]
    """
    Why it was lifted; null if not recorded
    """
    lifted_on: NotRequired[PartialDate | None]
    list_code: NotRequired[str | None]
    """
    The official list that has it; null if none is recorded
    """
    list_part: NotRequired[str | None]
    """
    The part of that list; null if not recorded
    """
    list_uid: NotRequired[str | None]
    """
    The number of the entry on that list; null if not recorded
    """
    measures: list[Measure]
    """
    What it does to the target
    """
    objectives: list[Objective]
    """
    What the imposer wants to achieve
    """
    programmes: list[ProgrammeReference]
    """
    The programmes under which it was imposed
    """
    properties: dict[str, list[str]]
    """
    What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    property_names
    """
    provisions: NotRequired[str | None]
    """
    What exactly is forbidden; null if not recorded
    """
    reason: NotRequired[str | None]
    """
    The reason that the imposer stated; null if none is recorded
    """
    status: SanctionStatus
    """
    Status on the day of the parameter `on`, by default today (UTC); computed from the dates
    """
    status_certain: bool
    """
    False if the status depends on the unknown part of a date, such as the day in 2025-09
    """
    target: ActorReference
    """
    The actor that is sanctioned
    """
    updated_at: str
    """
    When its current version was written
    """
    version: int
    """
    Number of the current version: 1 when created, one more with each change
    """


class Source(TypedDict):
    """
    A document that claims rest on.
    """

    archive_url: NotRequired[str | None]
    """
    Web address of an archived copy; null if there is none
    """
    author: NotRequired[str | None]
    """
    The person that wrote or said it; null if not recorded
    """
    content_sha256: NotRequired[str | None]
    """
    SHA-256 of what was read, in lower-case hexadecimal; null if not recorded
    """
    created_at: str
    """
    When the registry recorded it
    """
    external_keys: list[ExternalKey]
    """
    Its keys in other registries
    """
    id: str
    """
    Id of the source
    """
    kind: SourceKind
    """
    What kind of document it is
    """
    language: NotRequired[str | None]
    """
    BCP 47 tag of its language, such as es; null if not recorded
    """
    notes: NotRequired[str | None]
    """
    What is to be known about it; null if nothing was written
    """
    properties: dict[str, list[str]]
    """
    What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    property_names
    """
    published_on: NotRequired[PartialDate | None]
    publisher: NotRequired[str | None]
    """
    The body that published it; null if not recorded
    """
    reliability: NotRequired[SourceReliability | None]
    retrieved_at: NotRequired[str | None]
    """
    When it was read; null if not recorded
    """
    title: str
    """
    Its title
    """
    updated_at: str
    """
    When its current version was written
    """
    url: NotRequired[str | None]
    """
    Web address at which it was read; null if it has none or it is not recorded
    """
    version: int
    """
    Number of the current version: 1 when created, one more with each change
    """


class Summary(TypedDict):
    """
    A vocabulary in the list of all vocabularies.
    """

    description: str
    """
    What its entries are
    """
    entries: int
    """
    Number of entries
    """
    fields: list[str]
    """
    The fields of an entry
    """
    name: Vocabulary
    """
    As in paths: /v1/vocabularies/{name}
    """


class Version(Written):
    """
    A record at one version. Names of other records are left out: they change without this one.
    """

    id: NotRequired[str]
    """
    Id of the record; for a vocabulary entry its code
    """
    record: NotRequired[dict[str, Any] | None]
    """
    The whole record, with other records in it as {"id"} only; null if the record ended
    """
    resource: NotRequired[str]
    """
    As in paths: actors, diplomatic-actions, vocabularies/measures …
    """


class Actor(TypedDict):
    """
    A person, state, organization, vessel or other that acts or is acted upon.
    """

    addresses: NotRequired[list[Address]]
    """
    Its addresses, as lists state them
    """
    began_on: NotRequired[PartialDate | None]
    countries: list[Country]
    """
    The countries that it belongs to, each with a role
    """
    created_at: str
    """
    When the registry recorded it
    """
    description: NotRequired[str | None]
    """
    What is to be known about it; null if nothing was written
    """
    ended_on: NotRequired[PartialDate | None]
    external_keys: list[ExternalKey]
    """
    Its keys in other registries
    """
    id: str
    """
    Id of the actor
    """
    identifiers: list[Identifier]
    """
    Numbers and codes that others use for it, such as passports and IMO numbers
    """
    kind: str
    """
    A code of the vocabulary actor_kinds
    """
    name: str
    """
    The main name
    """
    names: list[Name]
    """
    Further names, such as aliases and names in other languages
    """
    properties: dict[str, list[str]]
    """
    What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    property_names
    """
    updated_at: str
    """
    When its current version was written
    """
    version: int
    """
    Number of the current version: 1 when created, one more with each change
    """


class ActorRequest(TypedDict):
    """
    An actor as a request sends it.
    """

    addresses: NotRequired[list[AddressRequest] | None]
    """
    Its addresses, as lists state them
    """
    began_on: NotRequired[PartialDate | None]
    countries: NotRequired[list[CountryRequest] | None]
    """
    The countries that it belongs to, each with a role
    """
    description: NotRequired[str | None]
    """
    What is to be known about it
    """
    ended_on: NotRequired[PartialDate | None]
    external_keys: NotRequired[list[ExternalKey] | None]
    """
    Its keys in other registries
    """
    identifiers: NotRequired[list[IdentifierRequest] | None]
    """
    Numbers and codes that others use for it, such as passports and IMO numbers
    """
    kind: NotRequired[str | None]
    """
    Required; a code of the vocabulary actor_kinds
    """
    name: NotRequired[str | None]
    """
    Required; the main name
    """
    names: NotRequired[list[NameRequest] | None]
    """
    Further names, such as aliases and names in other languages
    """
    properties: NotRequired[dict[str, list[str]]]
    """
    What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    whose values are checked
    """


class CitationRequest(TypedDict):
    """
    A citation as a request sends it.
    """

    attributed_to: NotRequired[Reference | None]
    credibility: NotRequired[int | None]
    """
    Credibility of the information on the Admiralty scale, 1 to 6
    """
    grade: NotRequired[str | None]
    """
    Read-only: accepted if it is the value that was read
    """
    id: NotRequired[str | None]
    """
    Id of the citation as it was read; leave it out for a new citation
    """
    locator: NotRequired[str | None]
    """
    Where in the source: a page, a paragraph, a time
    """
    quote: NotRequired[str | None]
    """
    The words of the source
    """
    source: NotRequired[Reference | None]
    stance: NotRequired[CitationStance | None]


class DiplomaticAction(TypedDict):
    """
    Something that actors did to or with others at a time.
    """

    cameo_code: str
    """
    A code of the vocabulary cameo_codes; that of the type unless another was given
    """
    channel: NotRequired[str | None]
    """
    The means by which it was said or done; null if not recorded
    """
    citations: list[Citation]
    """
    The sources, and what each says about it
    """
    claim_status: ClaimStatus
    """
    How far the sources support it
    """
    condition: NotRequired[str | None]
    """
    What would end it, as stated; null if none is recorded
    """
    countries: list[str]
    """
    Codes of the vocabulary countries: where it took place, whose citizens it affected
    """
    created_at: str
    """
    When the registry recorded it
    """
    ended_on: NotRequired[PartialDate | None]
    external_keys: list[ExternalKey]
    """
    Its keys in other registries
    """
    fatalities_max: NotRequired[int | None]
    """
    People killed, at most; null if not known
    """
    fatalities_min: NotRequired[int | None]
    """
    People killed, at least; null if not known
    """
    goldstein: float
    """
    Goldstein score of the CAMEO code, -10 (most conflictual) to 10 (most cooperative)
    """
    id: str
    """
    Id of the diplomatic action
    """
    latitude: NotRequired[float | None]
    """
    Degrees north; null if not recorded
    """
    linked_from: list[LinkFrom]
    """
    How other diplomatic actions relate to it: the links that lead to it, in order of day. Set by recording a link of the
    other action
    """
    links: list[Link]
    """
    How it relates to other diplomatic actions
    """
    longitude: NotRequired[float | None]
    """
    Degrees east; null if not recorded
    """
    modality: Modality
    """
    Whether it took place, or was alleged, planned, threatened or only thought of
    """
    occurred_on: NotRequired[PartialDate | None]
    ongoing: bool
    """
    Whether it was still going on according to the last report
    """
    participants: list[Participant]
    """
    The actors that took part, each with a role
    """
    persons_max: NotRequired[int | None]
    """
    People whom it concerns, at most; null if not known
    """
    persons_min: NotRequired[int | None]
    """
    People whom it concerns, at least, such as the diplomats who are expelled; not those killed; null if not known
    """
    place: NotRequired[str | None]
    """
    Where it took place, in words; null if not recorded
    """
    properties: dict[str, list[str]]
    """
    What a list or dataset says and no field holds: an object of lists of texts, by names such as those of the vocabulary
    property_names
    """
    quad_class: int
    """
    Of the CAMEO code: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    """
    reason: NotRequired[str | None]
    """
    The reason that the actor stated; null if none is recorded
    """
    summary: NotRequired[str | None]
    """
    The action in a few sentences; null if nothing was written
    """
    title: str
    """
    The action in one line
    """
    type: str
    """
    A code of the vocabulary action_types
    """
    updated_at: str
    """
    When its current version was written
    """
    version: int
    """
    Number of the current version: 1 when created, one more with each change
    """


class LinkRequest(TypedDict):
    """
    Read action kind linked action: this one retaliates_for that one. The kinds responds_to,
    retaliates_for and escalates never close a cycle.
    """

    action: NotRequired[Reference | None]
    kind: NotRequired[LinkKind | None]


MeasureRequest: TypeAlias = str | MeasureRequestObject


class MergeRequest(TypedDict):
    """
    The request to merge an actor.
    """

    into: NotRequired[Reference | None]


class MergedActor(Actor):
    """
    The target of a merge, and what became of the source.
    """

    merged: Merged
    """
    What became of the source
    """


ObjectiveRequest: TypeAlias = str | ObjectiveRequestObject


OperationRequest = TypedDict(
    'OperationRequest',
    {
        'as': NotRequired[str | None],
        'body': NotRequired[dict[str, Any] | None],
        'if_match': NotRequired[str | None],
        'method': OperationMethod,
        'ref': NotRequired[Reference | None],
        'resource': Resource,
    },
)


class ParticipantRequest(TypedDict):
    actor: NotRequired[Reference | None]
    role: NotRequired[ParticipantRole | None]


class ProgrammeRequest(TypedDict):
    """
    A programme as a request sends it.
    """

    code: NotRequired[str | None]
    """
    Required, unique; the publisher's own tag, without blanks, prefixed by the publisher if two publishers use the same tag
    """
    description: NotRequired[str | None]
    """
    What is to be known about it
    """
    external_keys: NotRequired[list[ExternalKey] | None]
    """
    Its keys in other registries
    """
    imposer: NotRequired[Reference | None]
    legal_basis: NotRequired[str | None]
    """
    The law, order or resolution
    """
    name: NotRequired[str | None]
    """
    Required; the name that people read
    """
    properties: NotRequired[dict[str, list[str]]]
    """
    What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    whose values are checked
    """
    url: NotRequired[str | None]
    """
    The publisher's page about it: an address that begins with http:// or https://
    """


class RelationshipRequest(TypedDict):
    """
    A relationship as a request sends it.
    """

    citations: NotRequired[list[CitationRequest] | None]
    """
    The sources, and what each says about it
    """
    claim_status: NotRequired[ClaimStatus | None]
    description: NotRequired[str | None]
    """
    What is to be known about it
    """
    ended_on: NotRequired[PartialDate | None]
    external_keys: NotRequired[list[ExternalKey] | None]
    """
    Its keys in other registries
    """
    kind: NotRequired[str | None]
    """
    Required; a code of the vocabulary relationship_kinds
    """
    object: NotRequired[Reference | None]
    properties: NotRequired[dict[str, list[str]]]
    """
    What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    whose values are checked
    """
    role: NotRequired[str | None]
    """
    The role of the subject in it
    """
    share_percent: NotRequired[float | SharePercent | None]
    """
    Share that the subject owns, in percent with at most two decimals: a number, or an interval such as
    {"min": 25, "max": 50}
    """
    started_on: NotRequired[PartialDate | None]
    subject: NotRequired[Reference | None]


class SanctionRequest(TypedDict):
    """
    A sanction as a request sends it.
    """

    action: NotRequired[Reference | None]
    announced_on: NotRequired[PartialDate | None]
    citations: NotRequired[list[CitationRequest] | None]
    """
    The sources, and what each says about it
    """
    claim_status: NotRequired[ClaimStatus | None]
    effective_on: NotRequired[PartialDate | None]
    expires_on: NotRequired[PartialDate | None]
    external_keys: NotRequired[list[ExternalKey] | None]
    """
    Its keys in other registries
    """
    grounds: NotRequired[list[str] | None]
    """
    Why the target is sanctioned: codes of the vocabulary grounds
    """
    imposed_on: NotRequired[PartialDate | None]
    imposer: NotRequired[Reference | None]
    legal_basis: NotRequired[str | None]
    """
    The law, order or resolution
    """
    lift_reason: NotRequired[str | None]
    """
    Why it was lifted
    """
    lifted_on: NotRequired[PartialDate | None]
    list_code: NotRequired[str | None]
    """
    The official list that has it, stored in lower case; required together with list_part or list_uid
    """
    list_part: NotRequired[str | None]
    """
    The part of that list
    """
    list_uid: NotRequired[str | None]
    """
    The number of the entry on that list
    """
    measures: NotRequired[list[MeasureRequest] | None]
    """
    What it does to the target
    """
    objectives: NotRequired[list[ObjectiveRequest] | None]
    """
    What the imposer wants to achieve
    """
    programmes: NotRequired[list[Reference] | None]
    """
    The programmes under which it was imposed
    """
    properties: NotRequired[dict[str, list[str]]]
    """
    What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    whose values are checked
    """
    provisions: NotRequired[str | None]
    """
    What exactly is forbidden
    """
    reason: NotRequired[str | None]
    """
    The reason that the imposer stated
    """
    target: NotRequired[Reference | None]


class BatchRequest(TypedDict):
    """
    Several writes in one transaction.
    """

    operations: list[OperationRequest]
    """
    The writes, performed in this order
    """


class ChainItem(TypedDict):
    """
    An action of a chain. It appears once for each direction, at its least depth if several paths lead to it.
    """

    action: DiplomaticAction
    """
    The action
    """
    asked: bool
    """
    Whether it is the action that was asked for
    """
    depth: int
    """
    Number of links between it and the action that was asked for; 0 for that one
    """
    direction: NotRequired[ChainDirection | None]
    link: NotRequired[LinkKind | None]
    parent: NotRequired[TitleReference | None]


ClaimRecord: TypeAlias = Sanction | Relationship | DiplomaticAction
"""
The record of a claim.
"""


class DiplomaticActionRequest(TypedDict):
    """
    A diplomatic action as a request sends it.
    """

    cameo_code: NotRequired[str | None]
    """
    A code of the vocabulary cameo_codes; that of the type if absent. A patch that changes the type but not this code sets
    it to that of the new type, unless the record had another code than its old type
    """
    channel: NotRequired[str | None]
    """
    The means by which it was said or done
    """
    citations: NotRequired[list[CitationRequest] | None]
    """
    The sources, and what each says about it
    """
    claim_status: NotRequired[ClaimStatus | None]
    condition: NotRequired[str | None]
    """
    What would end it, as stated
    """
    countries: NotRequired[list[str] | None]
    """
    Codes of the vocabulary countries: where it took place, whose citizens it affected
    """
    ended_on: NotRequired[PartialDate | None]
    external_keys: NotRequired[list[ExternalKey] | None]
    """
    Its keys in other registries
    """
    fatalities_max: NotRequired[int | None]
    """
    People killed, at most; not below fatalities_min
    """
    fatalities_min: NotRequired[int | None]
    """
    People killed, at least
    """
    latitude: NotRequired[float | None]
    """
    Degrees north; only together with longitude
    """
    links: NotRequired[list[LinkRequest] | None]
    """
    How it relates to other diplomatic actions
    """
    longitude: NotRequired[float | None]
    """
    Degrees east; only together with latitude
    """
    modality: NotRequired[Modality | None]
    occurred_on: NotRequired[PartialDate | None]
    ongoing: NotRequired[bool | None]
    """
    Whether it was still going on according to the last report; false if absent, never true together with ended_on
    """
    participants: NotRequired[list[ParticipantRequest] | None]
    """
    The actors that took part, each with a role
    """
    persons_max: NotRequired[int | None]
    """
    People whom it concerns, at most; not below persons_min
    """
    persons_min: NotRequired[int | None]
    """
    People whom it concerns, at least, such as the diplomats who are expelled; not those killed
    """
    place: NotRequired[str | None]
    """
    Where it took place, in words
    """
    properties: NotRequired[dict[str, list[str]]]
    """
    What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    whose values are checked
    """
    reason: NotRequired[str | None]
    """
    The reason that the actor stated
    """
    summary: NotRequired[str | None]
    """
    The action in a few sentences
    """
    title: NotRequired[str | None]
    """
    Required; the action in one line
    """
    type: NotRequired[str | None]
    """
    Required; a code of the vocabulary action_types
    """


class TimelineItem(TypedDict):
    """
    One event of a timeline.
    """

    announced: NotRequired[list[Sanction] | None]
    """
    With `announcements=fold`: the sanctions of the timeline that the action announced, in order of day; empty for a sanction.
    Absent otherwise
    """
    event: Event
    """
    What happened to the record
    """
    on: NotRequired[PartialDate | None]
    record: ClaimRecord
    """
    The whole record: a sanction or a diplomatic action
    """
    resource: Resource
    """
    sanctions or diplomatic-actions
    """


class Chain(TypedDict):
    """
    The first cause of a diplomatic action, and the other actions that led to it or followed from it.
    """

    asked: TitleReference
    """
    The action that was asked for: the root, or the first item
    """
    edge: list[ChainEdge]
    """
    The actions of the chain with links to actions that it lacks. Their own chains go on from there; of an action with more than 500
    effects, `GET /v1/diplomatic-actions?linked_to=` lists all in pages
    """
    items: list[ChainItem]
    """
    All others: first the action that was asked for, unless it is the root; then those before it, then those after it,
    within each the nearest first, then by day
    """
    root: DiplomaticAction
    """
    The first cause: of the actions that led to the one that was asked for, the earliest that has no cause itself. If nothing
    led to the action that was asked for, it is that one
    """
    truncated: bool
    """
    Whether there are more actions along these links than the chain has: beyond `depth` links, or beyond 500 actions in one
    direction, of which it has the nearest. `edge` says where they are
    """


class Claim(TypedDict):
    """
    A relationship, sanction or diplomatic action as a claim.
    """

    attributed_to: list[ActorReference]
    """
    The actors to whom the sources attribute it; empty if it is the sources' own statement
    """
    claim_status: ClaimStatus
    """
    How far the sources support it
    """
    disputed_by: list[ActorReference]
    """
    The actors to whom the sources that dispute it attribute that; empty if none is named
    """
    grade: NotRequired[str | None]
    """
    The best Admiralty grade among the sources that support it, such as B2; null if none was graded
    """
    id: str
    """
    Id of the record
    """
    record: ClaimRecord
    """
    The whole record
    """
    resource: Resource
    """
    relationships, sanctions or diplomatic-actions
    """
    summary: str
    """
    The claim in one line
    """
