"""How values of Python are written in paths and parameters."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TypeAlias
from urllib.parse import quote

Ref: TypeAlias = str | uuid.UUID | Mapping[str, object]
"""A record: its id, a key such as `iso3166:CO`, or the record itself as it was read."""

Scalar: TypeAlias = str | int | float | date | datetime | uuid.UUID | Mapping[str, object]
Value: TypeAlias = Scalar | Iterable[Scalar]
"""The value of a parameter; several values mean OR, as a repeated parameter does."""

Filters: TypeAlias = Mapping[str, Value]

NAMING = frozenset({"fields", "include", "facets", "sort", "by", "measures"})
"""Parameters that take several names in one text, with commas between them."""

GROUPS = frozenset({"or", "not.or"})
"""Parameters that take a group of filters in parentheses."""


def reference(ref: Ref) -> str:
    """Returns the id or key of a record; for an entry of a vocabulary its code."""
    if isinstance(ref, Mapping):
        found = ref.get("id") or ref.get("code")
        if found is None:
            raise ValueError("a reference is an id, a key such as iso3166:CO, or a record with its id; this has no id")
        return str(found)
    if not str(ref):
        raise ValueError("an empty text names no record")
    return str(ref)


def segment(ref: Ref) -> str:
    """Returns a reference as one segment of a path."""
    return quote(reference(ref), safe=":@")


def pairs(filters: Filters | None, more: Filters) -> list[tuple[str, str]]:
    """Returns parameters as they are sent: those of `filters`, and those of `more`, whose names may end with `_`.

    Several values repeat the parameter, but those of `NAMING` are joined by commas, and the filters of `GROUPS` become one group:
    `or_=["ground:terrorism", "measure:travel_ban"]` is sent as `or=(ground:terrorism,measure:travel_ban)`. A text is sent as it is.

    Names are passed on as they are, so that a parameter of a newer server works. One `_` at the end is removed: `from_` and
    `or_` are for the parameters `from` and `or`, which Python reserves.
    """
    named = dict(filters or {})
    for name, value in more.items():
        name = name.removesuffix("_")
        if name in named:
            raise ValueError(f"{name} is given twice")
        named[name] = value
    return [(name, text) for name, value in named.items() for text in _texts(name, value)]


def _texts(name: str, value: Value) -> list[str]:
    if isinstance(value, str | int | float | date | uuid.UUID | Mapping):
        return [_text(name, value)]
    if not isinstance(value, Iterable):
        # None above all: a filter that is left out by mistake would return everything.
        raise TypeError(f"{name} is {value!r}: leave a parameter out to not send it")
    found = [_text(name, one) for one in value]
    if not found:
        raise ValueError(f"{name} has no value, and would not filter: leave it out if that is meant")
    if name in NAMING:
        return [",".join(found)]
    # An item of a group does not begin with a parenthesis: these are groups already, of which each must be met.
    if name in GROUPS and not all(one.startswith("(") for one in found):
        return [f"({','.join(found)})"]
    return found


def _text(name: str, value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return moment(name, value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return reference(value)
    if isinstance(value, str | int | float | uuid.UUID):
        return str(value)
    raise TypeError(f"{name} has the value {value!r}, which can't be a parameter")


def known_at(value: datetime | str) -> str:
    """Returns the moment of an as-of read. A day alone is refused: it does not say whether its beginning or its end is meant."""
    is_day = not isinstance(value, datetime) if isinstance(value, date) else re.fullmatch(r"\d{4}(-\d\d){0,2}", str(value))
    if is_day:
        raise ValueError(
            f"{value} is no moment: write one with its offset from UTC, such as 2025-11-01T00:00:00Z for the beginning of 1 November 2025"
        )
    return moment("the time", value)


def moment(name: str, value: datetime | str) -> str:
    """Returns a moment as RFC 3339 has it."""
    if isinstance(value, str):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{name} has no time zone: use datetime(…, tzinfo=timezone.utc)")
    return value.isoformat()
