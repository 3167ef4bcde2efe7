"""Records of one kind: reading, writing, history."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

from . import models
from .lists import Listing
from .parameters import Filters, Ref, Value, pairs, reference, segment
from .transport import Transport, decode

R = TypeVar("R")
"""A record as responses have it."""
I = TypeVar("I")  # noqa: E741 - beside R
"""A record as requests send it."""


class Writer:
    """What writes: each request says why, and can be repeated without doing twice what it does."""

    def __init__(self, transport: Transport, known_at: str | None) -> None:
        """Makes no request yet."""
        self._transport = transport
        self._known_at = known_at

    def write(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        read: object = None,
        comment: str | None = None,
        key: str | None = None,
        query: list[tuple[str, str]] | None = None,
    ) -> Any:
        """Sends a write and returns the JSON of its response.

        - `read`: what was read of the record: with a `version` in it, the server refuses the write if the record has another
          one now (`PreconditionFailed`).
        - `key`: the Idempotency-Key of a POST; a random one if None.
        """
        if self._known_at is not None:
            raise ValueError(f"this registry reads as of {self._known_at}: write through the one it was made from")
        headers: dict[str, str] = {"Accept": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        version = read.get("version") if isinstance(read, Mapping) else None
        if version is not None:
            # An ETag is "<version>-<digest of the body>", and If-Match compares the version alone. A record of a list comes
            # without its ETag, so none is kept.
            headers["If-Match"] = f'"{version}-0"'
        if comment is not None:
            # Python sends headers as Latin-1: this makes the bytes those of UTF-8.
            headers["X-Comment"] = comment.encode().decode("latin-1")
        response = self._transport.send(method, path, query, body=body, headers=headers, repeatable=method == "POST")
        return decode(response)


class Records(Listing[R], Generic[R, I]):
    """The records of one kind. Beside the methods of lists it has those of one record.

    `ref` is an id, a key such as `iso3166:CO`, or a record that was read. Of a record that was read, `replace`, `patch`,
    `delete` and `restore` send the version (If-Match): if somebody changed it meanwhile, they raise `PreconditionFailed`.

    Further parameters, such as `strict=True`, are passed on. `comment` says why, and is kept in the history.
    """

    def __init__(self, transport: Transport, path: str, known_at: str | None) -> None:
        """Makes no request yet."""
        super().__init__(transport, path, known_at)
        self._writer = Writer(transport, known_at)

    def _at(self, ref: Ref, *rest: str) -> str:
        return "/".join([self._path, segment(ref), *rest])

    def get(self, ref: Ref, filters: Filters | None = None, /, **more: Value) -> R:
        """Returns a record.

        # Raises
        `NotFound` if there is none.
        """
        return cast(R, self._transport.json(self._at(ref), self._query(filters, more)))

    def create(self, body: I, *, comment: str | None = None, key: str | None = None, **more: Value) -> R:
        """Creates a record and returns it.

        A repeated call with the same `key` (Idempotency-Key) returns the first response and creates nothing, for 24 hours.
        Without `key`, only the repetitions that this method makes itself have the same one. `demarche.warnings` returns what
        is implausible in the record.
        """
        return cast(R, self._writer.write("POST", self._path, body, comment=comment, key=key, query=pairs(None, more)))

    def replace(self, ref: Ref, body: I | R, *, comment: str | None = None, **more: Value) -> R:
        """Replaces a record as a whole and returns it. An external key that no record has creates one.

        The body may be a record that was read and changed.
        """
        read = body if isinstance(body, Mapping) and "version" in body else ref
        return cast(R, self._writer.write("PUT", self._at(ref), body, read=read, comment=comment, query=pairs(None, more)))

    def patch(self, ref: Ref, changes: I, *, comment: str | None = None, **more: Value) -> R:
        """Changes some fields (JSON Merge Patch) and returns the record. None empties a field; a list replaces the whole list."""
        return cast(R, self._writer.write("PATCH", self._at(ref), changes, read=ref, comment=comment, query=pairs(None, more)))

    def delete(self, ref: Ref, *, comment: str | None = None) -> None:
        """Deletes a record.

        # Raises
        `Conflict` if other records refer to it.
        """
        self._writer.write("DELETE", self._at(ref), read=ref, comment=comment)

    def history(self, ref: Ref) -> Listing[models.Revision]:
        """Returns the list of the versions of a record, the latest first."""
        return Listing(self._transport, self._at(ref, "history"), self._known_at)

    def version(self, ref: Ref, version: int) -> models.Version:
        """Returns one version of a record as a whole."""
        return cast(models.Version, self._transport.json(self._at(ref, "history", str(version))))

    def restore(self, ref: Ref, version: int, *, comment: str | None = None, **more: Value) -> R:
        """Makes an earlier version the current one and returns the record."""
        path = self._at(ref, "restore")
        return cast(
            R,
            self._writer.write("POST", path, {"version": version}, read=ref, comment=comment, query=pairs(None, more)),
        )


class Claims(Records[R, I], Generic[R, I]):
    """Records that have citations: relationships, sanctions and diplomatic actions."""

    def cite(self, ref: Ref, citation: models.CitationRequest, *, comment: str | None = None, **more: Value) -> models.Citation:
        """Adds a citation and returns it."""
        path = self._at(ref, "citations")
        written = self._writer.write("POST", path, citation, comment=comment, query=pairs(None, more))
        return cast(models.Citation, written)

    def remove_citation(self, ref: Ref, citation: Ref, *, comment: str | None = None, **more: Value) -> None:
        """Removes a citation."""
        path = self._at(ref, "citations", segment(citation))
        self._writer.write("DELETE", path, read=ref, comment=comment, query=pairs(None, more))


class Actors(Records[models.Actor, models.ActorRequest]):
    """Actors, and what is read of one actor."""

    def sanctions(self, ref: Ref) -> Listing[models.Sanction]:
        """Returns the list of the sanctions against an actor; with `direction="imposed"`, of those that it imposed."""
        return Listing(self._transport, self._at(ref, "sanctions"), self._known_at)

    def relationships(self, ref: Ref) -> Listing[models.Relationship]:
        """Returns the list of the relationships of an actor, at either end."""
        return Listing(self._transport, self._at(ref, "relationships"), self._known_at)

    def timeline(self, ref: Ref) -> Listing[models.TimelineItem]:
        """Returns the list of what the actor did and what was done to it, in order of day."""
        return Listing(self._transport, self._at(ref, "timeline"), self._known_at)

    def merge(self, ref: Ref, into: Ref, *, comment: str | None = None, **more: Value) -> models.MergedActor:
        """Merges an actor into another one and returns the other one, with what moved in `merged`."""
        body = {"into": reference(into)}
        path = self._at(ref, "merge")
        written = self._writer.write("POST", path, body, read=ref, comment=comment, query=pairs(None, more))
        return cast(models.MergedActor, written)


class DiplomaticActions(Claims[models.DiplomaticAction, models.DiplomaticActionRequest]):
    """Diplomatic actions, and their chains."""

    def chain(self, ref: Ref, filters: Filters | None = None, /, **more: Value) -> models.Chain:
        """Returns what led to an action and what followed from it, along causal links or those of `kinds`."""
        return cast(models.Chain, self._transport.json(self._at(ref, "chain"), self._query(filters, more)))
