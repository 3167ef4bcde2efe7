"""The feed of all changes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import cast

import urllib3

from . import errors, models
from .transport import Transport

PATH = "/v1/changes"

# The server sends a comment every 15 seconds if there is nothing else.
_SILENCE = urllib3.Timeout(connect=10, read=45)


def read(transport: Transport, after: int, query: list[tuple[str, str]]) -> Iterator[models.Change]:
    """Yields the changes after a sequence number that there are now."""
    while True:
        page = cast(models.Changes, transport.json(PATH, [*query, ("after", str(after))]))
        yield from page["items"]
        # A filter may leave out everything that a request looked at: `next` has moved all the same.
        if not page["items"] and page["next"] == after:
            return
        after = page["next"]


def follow(transport: Transport, after: int, query: list[tuple[str, str]]) -> Iterator[models.Change]:
    """Yields the changes after a sequence number, then each new one as it comes. It does not end."""
    failures = 0
    while True:
        try:
            for change in _stream(transport, after, query):
                after = change["sequence"]
                failures = 0
                yield change
        except (errors.ConnectionFailed, errors.Busy):
            # The server was stopped, or the network failed.
            failures += 1
            if failures >= transport.attempts:
                raise
        else:
            failures = 0
        # A stream ends after 15 minutes. The server asks for a pause of a second before the next one.
        time.sleep(min(30, 2**failures))


def _stream(transport: Transport, after: int, query: list[tuple[str, str]]) -> Iterator[models.Change]:
    response = transport.send(
        "GET",
        PATH,
        [*query, ("after", str(after))],
        headers={"Accept": "text/event-stream"},
        stream=True,
        timeout=_SILENCE,
    )
    data: list[str] = []
    for line in transport.lines(response):
        # An empty line ends an event. Of its fields only the data counts: it has the sequence number as well.
        if line.startswith(b"data:"):
            data.append(line[5:].decode().removeprefix(" "))
        elif not line and data:
            yield cast(models.Change, json.loads("\n".join(data)))
            data.clear()
