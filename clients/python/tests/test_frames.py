"""Partial dates and data frames, without a server."""

from __future__ import annotations

from datetime import date

import pytest

from demarche import earliest, frames, latest

pandas = pytest.importorskip("pandas", reason="pandas is not installed")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-09-23", date(2025, 9, 23), date(2025, 9, 23)),
        ("2025-11-11~", date(2025, 11, 11), date(2025, 11, 11)),
        ("1960/1962", date(1960, 1, 1), date(1962, 12, 31)),
        ("1999~/2003-02~", date(1999, 1, 1), date(2003, 2, 28)),
        ("../2025-11-12", None, date(2025, 11, 12)),
        ("2023-06-21/..", date(2023, 6, 21), None),
        ("[1999,2003]", date(1999, 1, 1), date(2003, 12, 31)),
        ("[1999,2001-05,2003..2005]", date(1999, 1, 1), date(2005, 12, 31)),
        ("[..1999,2003]", None, date(2003, 12, 31)),
        ("[1999,2003..]", date(1999, 1, 1), None),
        ("0476", date(476, 1, 1), date(476, 12, 31)),
    ],
)
def test_the_days_of_a_partial_date(text: str, first: date | None, last: date | None) -> None:
    assert (earliest(text), latest(text)) == (first, last)


@pytest.mark.parametrize("text", ["", "yesterday", "2025-13", "2025-02-30", "/2025", "[]"])
def test_another_text_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        earliest(text)


def test_columns_have_types() -> None:
    csv = (
        "id,name,list_uid,measures,properties,imposed_on,status_certain,version,goldstein,created_at,a_new_column\n"
        '1,"[x] NA",007,"[""a"",""b""]",{},2025-09,true,3,-4,2025-10-24T16:00:00.000000Z,1\n'
        '2,,,[],"{""gender"":[""female""]}",../0999,,,,2025-10-24T16:00:00.5Z,\n'
    )
    frame = frames.from_csv(csv.encode())
    assert list(frame.columns) == [
        *("id", "name", "list_uid", "measures", "properties"),
        *("imposed_on", "imposed_on_earliest", "imposed_on_latest"),
        *("status_certain", "version", "goldstein", "created_at", "a_new_column"),
    ]
    first, second = frame.to_dict("records")
    assert (first["name"], first["list_uid"], first["measures"], first["a_new_column"]) == ("[x] NA", "007", ["a", "b"], "1")
    assert (second["measures"], second["properties"]) == ([], {"gender": ["female"]})
    assert pandas.isna(second["name"])
    assert frame["imposed_on_latest"][1] == pandas.Timestamp("0999-12-31")
    assert frame["imposed_on_earliest"].isna().tolist() == [False, True]
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["imposed_on_earliest"] == "datetime64[s]"
    assert (kinds["status_certain"], kinds["version"], kinds["goldstein"]) == ("boolean", "Int64", "Float64")
    assert kinds["created_at"] == "datetime64[us, UTC]"


def test_a_column_that_is_not_what_its_name_says_stays_text() -> None:
    frame = frames.from_csv(b"on,version,measures,at\nsoon,v1,[broken,then\n")
    assert frame.to_dict("records") == [{"on": "soon", "version": "v1", "measures": "[broken", "at": "then"}]


def test_a_list_without_records_has_its_columns() -> None:
    frame = frames.from_csv(b"id,imposed_on,version\n")
    assert list(frame.columns) == ["id", "imposed_on", "imposed_on_earliest", "imposed_on_latest", "version"]
    assert frame.empty
