"""What is sent, what is sent again, and what becomes an exception: against a server that does what a test says."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from stub import PROBLEM, Reply, serving

import demarche
from demarche import ConnectionFailed, Registry

BUSY = Reply(503, b'{"type":"/problems/overloaded","title":"Busy","detail":"come back"}', {**PROBLEM, "Retry-After": "7"})
EMPTY = Reply(body=b'{"items":[],"next_cursor":null}')


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Returns how long the client would have slept, in seconds. No test waits for it."""
    seconds: list[float] = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


def query(path: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(path).query, keep_blank_values=True)


def test_parameters_are_passed_on_as_they_are() -> None:
    target = {"id": "01a2", "name": "somebody", "kind": "person"}
    with serving(EMPTY) as (url, seen):
        registry = Registry(url)
        registry.sanctions.page({"not.ground": "terrorism", "or": "(ground:a,measure:b)"}, fields="id,name", from_="2025")
        registry.sanctions.page(status=["lifted", "expired"], certain=True, target=target, on=date(2025, 1, 2))
        registry.as_of(datetime(2025, 1, 2, 3, tzinfo=UTC)).sanctions.page(limit=5)
    assert query(seen[0].path) == [
        ("not.ground", "terrorism"),
        ("or", "(ground:a,measure:b)"),
        ("fields", "id,name"),
        ("from", "2025"),
    ]
    assert query(seen[1].path) == [
        ("status", "lifted"),
        ("status", "expired"),
        ("certain", "true"),
        ("target", "01a2"),
        ("on", "2025-01-02"),
    ]
    assert query(seen[2].path) == [("limit", "5"), ("known_at", "2025-01-02T03:00:00+00:00")]


def test_several_names_and_filters_are_joined_as_the_server_wants_them() -> None:
    with serving(EMPTY) as (url, seen):
        registry = Registry(url)
        registry.sanctions.page(
            {"not.or": ["status:lifted", "and(ground:a,measure:b)"]},
            fields=["id", "target.name"],
            include=("target", "source"),
            facets=["ground"],
            sort=["-imposed_on", "created_at"],
            or_=["ground:terrorism", "measure:travel_ban"],
        )
        registry.sanctions.page(fields="id,name", or_="(ground:a)")
        registry.sanctions.page(or_=["(ground:a,ground:b)", "(measure:c)"])
    assert query(seen[0].path) == [
        ("not.or", "(status:lifted,and(ground:a,measure:b))"),
        ("fields", "id,target.name"),
        ("include", "target,source"),
        ("facets", "ground"),
        ("sort", "-imposed_on,created_at"),
        ("or", "(ground:terrorism,measure:travel_ban)"),
    ]
    assert query(seen[1].path) == [("fields", "id,name"), ("or", "(ground:a)")]
    assert query(seen[2].path) == [("or", "(ground:a,ground:b)"), ("or", "(measure:c)")]


@pytest.mark.parametrize("day", ["2025-11-01", "2025-11", "2025", date(2025, 11, 1)])
def test_a_day_is_no_moment_of_an_as_of_read(day: Any) -> None:
    with pytest.raises(ValueError, match=r"is no moment: write one .* such as 2025-11-01T00:00:00Z"):
        Registry("http://127.0.0.1:9").as_of(day)


@pytest.mark.parametrize(
    "filters",
    [{"target": None}, {"target": []}, {"target": {"name": "no id"}}, {"known_at": datetime(2025, 1, 1)}],
)
def test_a_filter_that_would_not_filter_is_refused(filters: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        Registry("http://127.0.0.1:9").sanctions.page(filters)


def test_a_reference_is_one_segment_of_the_path() -> None:
    with serving(Reply()) as (url, seen):
        registry = Registry(url)
        registry.actors.get("registration:GB:AB/12 3?x")
        registry.vocabulary("measures").get({"code": "asset_freeze", "label": "Asset freeze"})
        registry.actors.get(uuid.UUID(int=7))
    assert [one.path for one in seen] == [
        "/v1/actors/registration:GB:AB%2F12%203%3Fx",
        "/v1/vocabularies/measures/asset_freeze",
        "/v1/actors/00000000-0000-0000-0000-000000000007",
    ]


def test_every_request_that_finds_no_room_is_sent_again_when_the_server_says(slept: list[float]) -> None:
    limited = Reply(429, b'{"type":"/problems/too-many-requests"}', {**PROBLEM, "Retry-After": "2"})
    for method in ("create", "patch", "get"):
        with serving(BUSY, limited, Reply(201, b'{"id":"1"}')) as (url, seen):
            actors: Any = Registry(url, "dmr_x").actors
            arguments: dict[str, tuple[object, ...]] = {"create": ({"name": "x"},), "patch": ("1", {"name": "x"}), "get": ("1",)}
            assert actors.__getattribute__(method)(*arguments[method]) == {"id": "1"}
        assert len(seen) == 3
        assert slept == [7, 2]
        slept.clear()
        assert {one.headers["Authorization"] for one in seen} == {"Bearer dmr_x"}
        # The same key each time, and so one record at most.
        assert len({one.headers.get("Idempotency-Key") for one in seen}) == 1
        assert ("Idempotency-Key" in seen[0].headers) == (method == "create")


def test_a_server_without_room_for_long_is_an_exception() -> None:
    with serving(BUSY) as (url, seen), pytest.raises(demarche.Busy, match="come back"):
        Registry(url, attempts=3).actors.get("1")
    assert len(seen) == 3


def test_a_lost_connection_repeats_only_what_may_be_done_twice() -> None:
    lost = Reply(None)
    with serving(lost, Reply(201, b'{"id":"1"}')) as (url, seen):
        Registry(url).actors.create({"name": "x"})
    assert len({one.headers["Idempotency-Key"] for one in seen}) == 1
    assert len(seen) == 2
    with serving(lost) as (url, seen), pytest.raises(ConnectionFailed):
        Registry(url).actors.patch({"id": "1", "version": 3}, {"name": "x"})
    assert len(seen) == 1


def test_a_write_of_what_was_read_names_its_version_and_says_why() -> None:
    with serving(Reply()) as (url, seen):
        actors = Registry(url).actors
        actors.patch({"id": "1", "version": 3}, {"description": None}, comment="überprüft", strict=True)
        actors.patch("1", {"name": "x"})
        actors.delete({"id": "1", "version": 4})
    assert seen[0].headers["If-Match"] == '"3-0"'
    assert seen[0].headers["X-Comment"].encode("latin-1").decode() == "überprüft"
    assert query(seen[0].path) == [("strict", "true")]
    assert json.loads(seen[0].body) == {"description": None}
    assert "If-Match" not in seen[1].headers
    assert seen[2].headers["If-Match"] == '"4-0"'


def test_a_registry_of_the_past_is_not_written() -> None:
    past = Registry("http://127.0.0.1:9").as_of("2025-01-01T00:00:00Z")
    with pytest.raises(ValueError, match="write through the one"):
        past.actors.create({"name": "x"})
    with pytest.raises(ValueError, match="the feed"):
        past.changes()


def test_a_problem_names_every_fault() -> None:
    document = {
        "type": "/problems/invalid-record",
        "title": "The request breaks rules of the registry",
        "detail": "2 faults",
        "instance": "r-1",
        "errors": [{"pointer": "/name", "detail": "is missing"}, {"pointer": "/kind", "detail": "is no kind"}],
    }
    with serving(Reply(422, json.dumps(document).encode(), PROBLEM)) as (url, _), pytest.raises(demarche.InvalidRecord) as raised:
        Registry(url).actors.create({})
    assert [fault["pointer"] for fault in raised.value.faults] == ["/name", "/kind"]
    assert raised.value.request_id == "r-1"
    assert str(raised.value).splitlines()[1:] == ["  /name is missing", "  /kind is no kind"]


@pytest.mark.parametrize("body", [b'{"type":"/problems/of-a-newer-server","detail":"x"}', b"<html>x</html>", b"", b"[1]"])
def test_an_unknown_problem_is_a_problem(body: bytes) -> None:
    with serving(Reply(418, body)) as (url, _), pytest.raises(demarche.Problem) as raised:
        Registry(url).actors.get("1")
    assert type(raised.value) is demarche.Problem
    assert raised.value.status == 418


def test_new_fields_and_words_break_nothing() -> None:
    record = {"id": "1", "status": "a_new_word", "a_new_field": {"x": 1}}
    page: Any = {"items": [record], "next_cursor": None, "facets": {"status": []}}
    with serving(Reply(body=json.dumps(page).encode())) as (url, _):
        assert [dict(one) for one in Registry(url).sanctions.list(fields="id,status")] == [record]
        assert Registry(url).sanctions.page() == page


def test_a_list_follows_cursors_to_its_limit() -> None:
    def page(count: int, cursor: str | None) -> Reply:
        return Reply(body=json.dumps({"items": [{}] * count, "next_cursor": cursor}).encode())

    with serving(page(200, "two"), page(50, "three"), page(1, None)) as (url, seen):
        assert len(list(Registry(url).actors.list(kind="person", limit=250))) == 250
    assert [dict(query(one.path)) for one in seen] == [
        {"kind": "person", "limit": "200"},
        {"kind": "person", "limit": "50", "cursor": "two"},
    ]


def test_a_search_is_a_list_with_its_words() -> None:
    pages = [Reply(body=b'{"items":[{}],"next_cursor":"two"}'), Reply(body=b'{"items":[{}],"next_cursor":null}')]
    with serving(*pages) as (url, seen):
        search = Registry(url).as_of("2025-01-01T00:00:00Z").search("a b", {"not.x": "y"}, limit=300)
        assert len(list(search)) == 2
        search.page(limit=1)
    time = ("known_at", "2025-01-01T00:00:00Z")
    words = [("q", "a b"), ("not.x", "y")]
    assert [query(one.path) for one in seen] == [
        [*words, time, ("limit", "200")],
        [*words, time, ("limit", "200"), ("cursor", "two")],
        [*words, ("limit", "1"), time],
    ]


def test_a_stream_that_breaks_off_is_an_exception() -> None:
    with serving(Reply(body=b'{"id":"1"}\n', breaks_off=True)) as (url, _):
        stream = Registry(url).actors.stream()
        assert next(stream)["id"] == "1"
        with pytest.raises(ConnectionFailed):
            next(stream)


def test_a_follower_connects_again_after_the_last_change() -> None:
    def event(sequence: int) -> bytes:
        return f'retry: 1000\n\n: nothing else\n\nid: {sequence}\nevent: change\ndata: {{"sequence":{sequence}}}\n\n'.encode()

    stream = {"Content-Type": "text/event-stream"}
    with serving(
        Reply(body=event(5), headers=stream, breaks_off=True),
        Reply(body=event(6) + event(7), headers=stream),
        Reply(body=event(8), headers=stream),
    ) as (url, seen):
        changes = Registry(url).follow(after=4, resource="sanctions")
        assert [next(changes)["sequence"] for _ in range(4)] == [5, 6, 7, 8]
        changes.close()  # type: ignore[attr-defined]
    assert [dict(query(one.path))["after"] for one in seen] == ["4", "5", "7"]
    assert {dict(query(one.path))["resource"] for one in seen} == {"sanctions"}


def test_a_server_that_is_not_there_is_reported() -> None:
    with pytest.raises(ConnectionFailed, match=r"no complete response from http://127\.0\.0\.1:9"):
        Registry("http://127.0.0.1:9", attempts=2).actors.get("1")
