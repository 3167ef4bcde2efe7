"""Lists: pages, all records, streams and data frames of one path."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Generic, NotRequired, TypeAlias, TypedDict, TypeVar, cast

from . import frames, models
from .parameters import Filters, Value, pairs
from .transport import Transport

if TYPE_CHECKING:
    import pandas

R = TypeVar("R")

PAGE_SIZE = 200

# `list` is a method below, so the type needs a name of its own.
Query: TypeAlias = list[tuple[str, str]]
Names: TypeAlias = str | Iterable[str]


class Page(TypedDict, Generic[R]):
    """A page of a list. With further parameters the server may put more beside the items."""

    items: list[R]
    next_cursor: str | None
    total: NotRequired[int]
    facets: NotRequired[dict[str, models.FacetValues]]


class Listing(Generic[R]):
    """A list of the registry. Every method takes the list's parameters, as docs/api.md has them.

    Parameters are keywords, or a mapping for names that are no words of Python: `.list({"not.ground": "terrorism"})`. A
    keyword may end with `_`: `from_="2025"`. Several values mean OR: `status=["lifted", "expired"]`. A record may stand for its
    id. `fields`, `include`, `facets` and `sort` take several names: `fields=["id", "name"]`. `or_` takes the filters of which one must
    find a record: `or_=["ground:terrorism", "measure:travel_ban"]`. Parameters are passed on as they are, so those of a newer
    server work.
    """

    def __init__(self, transport: Transport, path: str, known_at: str | None, fixed: Query | None = None) -> None:
        """Makes no request yet. `fixed` are parameters of every request that does not give them otherwise."""
        self._transport = transport
        self._path = path
        self._known_at = known_at
        self._fixed = fixed or []

    def _query(self, filters: Filters | None, more: Filters) -> Query:
        given = pairs(filters, more)
        names = {name for name, _ in given}
        query = [(name, value) for name, value in self._fixed if name not in names] + given
        if self._known_at is not None and all(name != "known_at" for name, _ in query):
            query.append(("known_at", self._known_at))
        return query

    def page(self, filters: Filters | None = None, /, **more: Value) -> Page[R]:
        """Returns one page: at most `limit` records (50 unless given), from `cursor` on."""
        return cast(Page[R], self._transport.json(self._path, self._query(filters, more)))

    def list(self, filters: Filters | None = None, /, **more: Value) -> Iterator[R]:
        """Yields all records, or the first `limit`, page by page.

        A record that changes while you iterate may be on no page or on two. `stream` reads from one snapshot.
        """
        query = self._query(filters, more)
        limits = [int(value) for name, value in query if name == "limit"]
        # A page that was read before may be where it begins.
        cursor = next((value for name, value in query if name == "cursor"), None)
        query = [(name, value) for name, value in query if name not in ("limit", "cursor")]
        left = min(limits, default=None)
        while left is None or left > 0:
            size = PAGE_SIZE if left is None else min(PAGE_SIZE, left)
            paged = [*query, ("limit", str(size))] + ([] if cursor is None else [("cursor", cursor)])
            page: Page[R] = self._transport.json(self._path, paged)
            yield from page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return
            if left is not None:
                left -= len(page["items"])

    def stream(self, filters: Filters | None = None, /, **more: Value) -> Iterator[R]:
        """Yields all records, or the first `limit`, from one snapshot of the registry, as they arrive.

        The server ends a stream that is read too slowly; collect first what takes long to work on.

        # Raises
        `ConnectionFailed` if the stream breaks off.
        """
        query = [*self._query(filters, more), ("format", "ndjson")]
        response = self._transport.send("GET", self._path, query, stream=True)
        for line in self._transport.lines(response):
            if line:
                yield cast(R, json.loads(line))

    def total(self, filters: Filters | None = None, /, **more: Value) -> int:
        """Returns how many records match."""
        given = self._query(filters, more)
        query = [(name, value) for name, value in given if name not in ("limit", "cursor", "count")]
        query += [("limit", "1"), ("count", "exact")]
        page: Page[R] = self._transport.json(self._path, query)
        return page["total"]

    def frame(self, filters: Filters | None = None, /, **more: Value) -> pandas.DataFrame:
        """Returns all records, or the first `limit`, as a data frame with the columns of CSV, from one snapshot.

        `demarche.frames` says which type a column has. It needs pandas: `pip install 'demarche[pandas]'`.
        """
        query = [*self._query(filters, more), ("format", "csv"), ("list", "json")]
        response = self._transport.send("GET", self._path, query)
        return frames.from_csv(response.data)

    def counts(
        self, by: Names, filters: Filters | None = None, /, *, measures: Names | None = None, **more: Value
    ) -> models.Counts:
        """Returns how many records there are in each group, the largest first.

        `by` names one to three fields: `"ground"` or `["imposer", "imposed_on.year"]`. `measures` are numbers such as
        `["count", "targets"]`; the count alone if None. There are at most `limit` groups (100 unless given): `rows_left_off`
        says how many are missing.

        Actors, relationships, programmes, sanctions, diplomatic actions and sources have counts. For claims and timelines,
        use `page(facets=…)`.
        """
        query = _counts_query(by, measures, self._query(filters, more))
        return cast(models.Counts, self._transport.json(f"{self._path}/counts", query))

    def counts_frame(
        self, by: Names, filters: Filters | None = None, /, *, measures: Names | None = None, **more: Value
    ) -> pandas.DataFrame:
        """Returns `counts` as a data frame with all groups, or the first `limit`. Periods such as `2025-03` are texts."""
        query = [*_counts_query(by, measures, self._query(filters, more)), ("format", "csv")]
        response = self._transport.send("GET", f"{self._path}/counts", query)
        return frames.from_csv(response.data, counts=_names(measures or "count"))


class Search(Listing[models.FoundRecord]):
    """The records of all kinds with some words, the best match first. It can be iterated; the pages follow as you go on."""

    def __iter__(self) -> Iterator[models.FoundRecord]:
        """Yields what was found, as `list` does."""
        return self.list()


def _names(names: Names) -> list[str]:
    return names.split(",") if isinstance(names, str) else list(names)


def _counts_query(by: Names, measures: Names | None, query: Query) -> Query:
    named = [("by", ",".join(_names(by)))]
    if measures is not None:
        named.append(("measures", ",".join(_names(measures))))
    return [*named, *query]
