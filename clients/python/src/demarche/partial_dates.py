"""The days that a partial date may mean: `2025-09`, `2025-11~`, `1960/1962`, `../2025-11-12`, `[1999,2003]`.

docs/data-model.md describes the notation. These functions read the form in which the registry stores dates.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

_POINT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?~?")


def earliest(text: str) -> date | None:
    """Returns the first day that a date may mean; None if it is open at its beginning."""
    return _days(text)[0]


def latest(text: str) -> date | None:
    """Returns the last day that a date may mean; None if it is open at its end."""
    return _days(text)[1]


Days = tuple[date | None, date | None]


def _days(text: str) -> Days:
    if not text.startswith("["):
        first, is_interval, last = text.partition("/")
        return _interval(first, last if is_interval else first)
    members = [_member(member) for member in text.removeprefix("[").removesuffix("]").split(",")]
    begins, ends = [begin for begin, _ in members], [end for _, end in members]
    return (
        None if None in begins else min(begin for begin in begins if begin is not None),
        None if None in ends else max(end for end in ends if end is not None),
    )


def _member(text: str) -> Days:
    """Returns the days of a member of a set: a date, or an interval of dates such as `2003..2005`, `..1999` or `2003..`."""
    first, is_interval, last = text.partition("..")
    return _interval(first or "..", last or "..") if is_interval else _interval(first, first)


def _interval(first: str, last: str) -> Days:
    return (None if first == ".." else _point(first)[0]), (None if last == ".." else _point(last)[1])


def _point(text: str) -> tuple[date, date]:
    found = _POINT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date as the registry stores them, such as 2025-09 or 1960/1962")
    year = int(found[1])
    first_month, last_month = (int(found[2]),) * 2 if found[2] else (1, 12)
    first_day, last_day = (int(found[3]),) * 2 if found[3] else (1, calendar.monthrange(year, last_month)[1])
    return date(year, first_month, first_day), date(year, last_month, last_day)
