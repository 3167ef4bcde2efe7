"""Data frames from the CSV of a list.

| column | type |
| --- | --- |
| a partial date: `imposed_on`, `on` | text as written, and two columns beside it as in schema `bi`: `imposed_on_earliest` and `imposed_on_latest`, days; NaT where the date is open or null |
| a moment: `created_at` | datetime in UTC |
| a number: `goldstein`, `fatalities_min`, `version` | Int64 or Float64 |
| true or false: `status_certain` | boolean |
| a list: `measures`, `citations` | lists of Python |
| `properties` | dictionaries of lists |
| any other, also one that this version does not know | text |

Nulls are pandas' NA. Columns and their order are those of the server.
"""  # noqa: E501 - a table

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection
from datetime import date
from typing import TYPE_CHECKING

from . import partial_dates

if TYPE_CHECKING:
    import pandas

# By the names of columns, for CSV has no types. `list_uid` and `cameo_code` are texts, though they may be digits alone.
_INTEGERS = {"version", "sequence", "quad_class", "credibility", "entries", "count"} | {
    "fatalities_min",
    "fatalities_max",
    "persons_min",
    "persons_max",
}
_NUMBERS = {"goldstein", "latitude", "longitude", "rank", "share_percent", "share_percent_min", "share_percent_max"}
_TRUE_OR_FALSE = {"status_certain", "certain", "ongoing", "backdated", "counts_for_state", "is_unique"}


def from_csv(data: bytes, counts: Collection[str] = ()) -> pandas.DataFrame:
    """Returns a data frame of CSV that was asked for with `list=json`. The columns `counts` are integers."""
    try:
        import pandas
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("a data frame needs pandas: pip install 'demarche[pandas]'", name="pandas") from error

    raw = pandas.read_csv(io.BytesIO(data), dtype="string", keep_default_na=False, na_values=[""])
    columns: dict[str, pandas.Series] = {}
    for name in raw.columns:
        try:
            if name in counts:
                columns[name] = pandas.to_numeric(raw[name]).astype("Int64")
            else:
                columns.update(_typed(name, raw[name]))
        except ValueError:
            # A newer server may use the name for something else.
            columns[name] = raw[name]
    return pandas.DataFrame(columns, index=raw.index)


def _typed(name: str, texts: pandas.Series[str]) -> dict[str, pandas.Series]:
    import pandas

    # A column of an expanded record is named by its path: `source.published_on`.
    field = name.rpartition(".")[2]
    if field == "on" or field.endswith("_on"):
        return {
            name: texts,
            f"{name}_earliest": _days(texts, partial_dates.earliest),
            f"{name}_latest": _days(texts, partial_dates.latest),
        }
    if field == "at" or field.endswith("_at"):
        return {name: pandas.to_datetime(texts, utc=True, format="ISO8601").astype("datetime64[us, UTC]")}
    if field in _INTEGERS:
        return {name: pandas.to_numeric(texts).astype("Int64")}
    if field in _NUMBERS:
        return {name: pandas.to_numeric(texts).astype("Float64")}
    if field in _TRUE_OR_FALSE:
        return {name: texts.map({"true": True, "false": False}, na_action="ignore").astype("boolean")}
    return {name: _lists(texts)}


def _days(texts: pandas.Series[str], day: Callable[[str], date | None]) -> pandas.Series:
    import numpy
    import pandas

    known = texts.notna()
    days = [day(text) if is_known else None for text, is_known in zip(texts, known, strict=True)]
    # In seconds, not nanoseconds: those begin in 1677 and end in 2262.
    return pandas.Series(numpy.array(days, dtype="datetime64[s]"), index=texts.index)


def _lists(texts: pandas.Series[str]) -> pandas.Series:
    """Returns a column of lists or dictionaries if every cell is one, else the texts."""
    import pandas

    cells = texts.dropna()
    if cells.empty or not (cells.str.startswith("[").all() or cells.str.startswith("{").all()):
        return texts
    # A cell without a text stays NA.
    return pandas.Series([json.loads(cell) for cell in cells], index=cells.index, dtype=object).reindex(texts.index)
