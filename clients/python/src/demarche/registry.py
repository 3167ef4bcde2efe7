"""The registry: where everything begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from . import feed, models
from .lists import Listing, Search
from .parameters import Filters, Ref, Value, known_at, pairs, segment
from .records import Actors, Claims, DiplomaticActions, Records, Writer
from .transport import Transport


class Registry:
    """A registry of actors, sanctions and diplomatic actions.

        registry = Registry("http://127.0.0.1:8080", token="dmr_…")
        registry.actors.get("iso3166:CO")
        for sanction in registry.sanctions.list(target="demo:petro"):
            print(sanction["imposer"]["name"], sanction["imposed_on"])

    Records are dictionaries, exactly as the server sends them. `demarche.models` has their types.

    A request that the server has no room for (429, 503) is sent again after its Retry-After, up to `attempts` times in all.
    """

    actors: Actors
    relationships: Claims[models.Relationship, models.RelationshipRequest]
    programmes: Records[models.Programme, models.ProgrammeRequest]
    sanctions: Claims[models.Sanction, models.SanctionRequest]
    diplomatic_actions: DiplomaticActions
    sources: Records[models.Source, models.SourceRequest]
    claims: Listing[models.Claim]
    """Relationships, sanctions and diplomatic actions as claims: what is said, and by whom."""
    warnings: Listing[models.OpenWarning]
    """What is implausible in the registry."""

    def __init__(
        self, url: str = "http://127.0.0.1:8080", token: str | None = None, *, timeout: float = 60, attempts: int = 6
    ) -> None:
        """Makes no request yet. `timeout` is the longest pause in a response, in seconds."""
        self._bind(Transport(url, token, timeout=timeout, attempts=attempts), None)

    def _bind(self, transport: Transport, known_at: str | None) -> None:
        self._transport = transport
        self._known_at = known_at
        self._writer = Writer(transport, known_at)
        self.actors = Actors(transport, "/v1/actors", known_at)
        self.relationships = Claims(transport, "/v1/relationships", known_at)
        self.programmes = Records(transport, "/v1/programmes", known_at)
        self.sanctions = Claims(transport, "/v1/sanctions", known_at)
        self.diplomatic_actions = DiplomaticActions(transport, "/v1/diplomatic-actions", known_at)
        self.sources = Records(transport, "/v1/sources", known_at)
        self.claims = Listing(transport, "/v1/claims", known_at)
        self.warnings = Listing(transport, "/v1/warnings", known_at)

    def as_of(self, time: datetime | str) -> Registry:
        """Returns the registry as it was recorded at a moment (transaction time). It can only be read.

        `time` is a datetime with its time zone, or a text such as `2025-11-01T00:00:00Z`. What held in the world on a day is the
        parameter `on` of each list; the two can be combined.
        """
        other = Registry.__new__(type(self))
        other._bind(self._transport, known_at(time))
        return other

    def vocabulary(self, name: models.Vocabulary) -> Records[models.Entry, models.EntryRequest]:
        """Returns an open vocabulary, such as `measures`. Its entries are found by their codes."""
        return Records(self._transport, f"/v1/vocabularies/{name}", self._known_at)

    def vocabularies(self) -> Sequence[models.Summary]:
        """Returns what vocabularies there are."""
        return cast(Sequence[models.Summary], self.get("/v1/vocabularies")["items"])

    def search(self, q: str, filters: Filters | None = None, /, **more: Value) -> Search:
        """Returns the list of the records of all kinds, or those of `resource`, with some words: the best match first.

            for found in registry.search("petro cocaine", resource="sanctions", limit=10):
                print(found["title"], found["match"]["rank"])

        It has the methods of every list, such as `page`, `total` and `frame`. docs/api.md describes how words are written.
        """
        return Search(self._transport, "/v1/search", self._known_at, [("q", q), *pairs(filters, more)])

    def dyad(self, one: Ref, other: Ref) -> Listing[models.TimelineItem]:
        """Returns the list of what two actors did to each other or jointly, in order of day.

        Acts of a state's agencies, forces and officials are acts of the state, unless `counted="exact"`.
        """
        path = f"/v1/dyads/{segment(one)}/{segment(other)}/timeline"
        return Listing(self._transport, path, self._known_at)

    def batch(
        self,
        operations: Sequence[models.OperationRequest],
        *,
        comment: str | None = None,
        key: str | None = None,
        **more: Value,
    ) -> Sequence[models.OperationResponse]:
        """Performs several writes in one transaction and returns the result of each."""
        body = {"operations": list(operations)}
        written = self._writer.write("POST", "/v1/batch", body, comment=comment, key=key, query=pairs(None, more))
        return cast(models.BatchResponse, written)["results"]

    def changes(self, filters: Filters | None = None, /, *, after: int = 0, **more: Value) -> Iterator[models.Change]:
        """Yields the changes after a sequence number that there are now. It ends at the last one."""
        return feed.read(self._transport, after, self._feed_query(filters, more))

    def follow(self, filters: Filters | None = None, /, *, after: int = 0, **more: Value) -> Iterator[models.Change]:
        """Yields the changes after a sequence number, then each new one as it comes. It does not end.

        Store `change["sequence"]` together with what you made of the change, and begin after it the next time: then you miss
        nothing and see nothing twice. When the server ends the stream or restarts, this method connects again.

        # Raises
        `ConnectionFailed` or `Busy` if `attempts` connections in a row failed.
        """
        return feed.follow(self._transport, after, self._feed_query(filters, more))

    def _feed_query(self, filters: Filters | None, more: Filters) -> list[tuple[str, str]]:
        if self._known_at is not None:
            raise ValueError("the feed has its own time: ask the registry that this one was made from")
        return pairs(filters, more)

    def get(self, path: str, filters: Filters | None = None, /, **more: Value) -> Any:
        """Returns the JSON of any path of the API, for example one that is newer than this client."""
        query = pairs(filters, more)
        if self._known_at is not None:
            query.append(("known_at", self._known_at))
        return self._transport.json(path, query)


def warnings(written: Mapping[str, object]) -> Sequence[models.Fault]:
    """Returns what is implausible in a record that was just written: each with a pointer into it."""
    return cast(Sequence[models.Fault], written.get("warnings", []))
