"""What can go wrong: each kind of problem of the server is an exception of its own."""

from __future__ import annotations

import json
from typing import cast

from .models import Fault


class DemarcheError(Exception):
    """The base of all exceptions of this package."""


class ConnectionFailed(DemarcheError):
    """The server could not be reached, or the connection was lost before the response was complete."""


class Problem(DemarcheError):
    """A response that is a problem document (RFC 9457)."""

    status: int
    """The HTTP status code."""
    word: str
    """The kind of problem: the last part of `type`, such as `not-found`. docs/api.md lists them."""
    title: str
    """The kind of problem in a few words."""
    detail: str
    """What is wrong with this request, and what to do."""
    faults: list[Fault]
    """Every fault of the request, each with a pointer into the body (`/imposed_on`) or to a parameter (`?limit`)."""
    request_id: str
    """The request's id, by which the server's log names it."""

    def __init__(self, status: int, document: dict[str, object]) -> None:
        """Reads a problem document; a document of another shape gives a problem without faults."""
        self.status = status
        self.word = str(document.get("type", "")).rpartition("/")[2]
        self.title = str(document.get("title", ""))
        self.detail = str(document.get("detail", ""))
        self.faults = cast(list[Fault], document.get("errors") or [])
        self.request_id = str(document.get("instance", ""))
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [f"{self.status} {self.title}: {self.detail}"]
        if len(self.faults) > 1 or (self.faults and self.faults[0]["detail"] not in self.detail):
            lines += [f"  {fault['pointer']} {fault['detail']}" for fault in self.faults]
        return "\n".join(lines)


class MalformedRequest(Problem):
    """400: an unknown parameter, a wrong type or an invalid cursor."""


class Unauthorized(Problem):
    """401: no token where one is required, or a wrong one."""


class Forbidden(Problem):
    """403: the role of the token's user does not permit the request."""


class NotFound(Problem):
    """404: no such record or path."""


class Conflict(Problem):
    """409: a key is taken or ambiguous, or records refer to the record."""


class PreconditionFailed(Problem):
    """412 or 428: the record has another version than the one that was read, or none was named."""


class InvalidRecord(Problem):
    """422: the request breaks rules of the registry. `faults` has every one."""


class TooSlow(Problem):
    """422: the read or write took too long. `detail` says what to narrow."""


class Busy(Problem):
    """429 or 503: the server still has no room for the request after all attempts."""


_KINDS: dict[str, type[Problem]] = {
    "malformed-request": MalformedRequest,
    "unauthorized": Unauthorized,
    "forbidden": Forbidden,
    "not-found": NotFound,
    "conflict": Conflict,
    "precondition-failed": PreconditionFailed,
    "precondition-required": PreconditionFailed,
    "invalid-record": InvalidRecord,
    "too-slow": TooSlow,
    "too-many-requests": Busy,
    "overloaded": Busy,
    "unavailable": Busy,
}


def problem(status: int, body: bytes) -> Problem:
    """Returns the exception for a response. A kind that this version does not know is a plain `Problem`."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        text = body[:200].decode(errors="replace")
        document = {"title": "The response is no problem document", "detail": text or "it is empty"}
    word = str(document.get("type", "")).rpartition("/")[2]
    return _KINDS.get(word, Problem)(status, document)
