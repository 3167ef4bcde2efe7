"""The client against a server with the demo's cases."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import demarche
from demarche import Listing, Registry

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def test_a_list_is_the_same_in_every_form(registry: Registry) -> None:
    filters = {"imposing_party": ["US", "EU"], "imposed_from": "2014"}
    records = list(registry.sanctions.list(filters))
    assert len(records) > 200  # more than a page
    ids = [record["id"] for record in records]
    assert ids == [record["id"] for record in registry.sanctions.stream(filters)]
    assert records == list(registry.sanctions.stream(filters))
    assert len(ids) == registry.sanctions.total(filters)
    first = registry.sanctions.page(filters, limit=3)
    cursor = first["next_cursor"]
    assert cursor is not None
    rest = registry.sanctions.list(filters, limit=4, cursor=cursor)
    assert [sanction["id"] for sanction in rest] == ids[3:7]
    assert registry.sanctions.total(filters, limit=3, cursor=cursor) == len(ids)
    frame = registry.sanctions.frame(filters)
    assert frame["id"].tolist() == ids
    assert frame["measures"].tolist() == [[measure["measure"] for measure in record["measures"]] for record in records]
    assert registry.sanctions.page(filters, limit=3)["items"] == records[:3]
    assert [record["id"] for record in registry.sanctions.list(filters, limit=7)] == ids[:7]


def test_operators_are_parameters_like_others(registry: Registry) -> None:
    total = registry.sanctions.total
    assert total({"not.ground": "terrorism"}) + total(ground="terrorism") == total()
    assert total({"has.programme": True}) + total({"has.programme": False}) == total()
    either = {record["id"] for record in registry.sanctions.list(or_=["ground:terrorism", "measure:travel_ban"], fields=["id"])}
    both = [registry.sanctions.list(ground="terrorism"), registry.sanctions.list(measure="travel_ban")]
    assert either == {record["id"] for one in both for record in one}


def test_every_list_is_a_frame(registry: Registry) -> None:
    lists: dict[str, Listing[Any]] = {
        "actors": registry.actors,
        "relationships": registry.relationships,
        "programmes": registry.programmes,
        "sanctions": registry.sanctions,
        "actions": registry.diplomatic_actions,
        "sources": registry.sources,
        "claims": registry.claims,
        "warnings": registry.warnings,
        "measures": registry.vocabulary("measures"),
        "countries": registry.vocabulary("countries"),
        "dyad": registry.dyad("iso3166:US", "iso3166:CO"),
        "timeline": registry.actors.timeline("demo:petro"),
        "sanctions of": registry.actors.sanctions("demo:petro"),
        "relationships of": registry.actors.relationships("demo:petro"),
        "history": registry.actors.history("demo:petro"),
    }
    for name, one in lists.items():
        frame = one.frame()
        assert len(frame) == one.total(), name
        for column in frame.columns:
            kind = str(frame[column].dtype)
            if column.endswith("_earliest"):
                assert kind == "datetime64[s]", (name, column)
            elif column.endswith("_at"):
                assert kind == "datetime64[us, UTC]", (name, column)


def test_partial_dates_mean_the_same_days_as_for_the_server(registry: Registry) -> None:
    frame = registry.sanctions.frame()
    frame = frame[frame["imposed_on_earliest"].notna() & frame["imposed_on_latest"].notna()]
    partial = frame[frame["imposed_on_earliest"] < frame["imposed_on_latest"]].drop_duplicates("imposed_on").head(5)
    assert not partial.empty
    for row in partial.to_dict("records"):
        first, last = row["imposed_on_earliest"].date(), row["imposed_on_latest"].date()
        for day, is_found in ((first, True), (last, True), (first - timedelta(1), False), (last + timedelta(1), False)):
            found = registry.sanctions.list(target=row["target_id"], imposed_from=day, imposed_to=day)
            assert (row["id"] in [record["id"] for record in found]) == is_found, (row["imposed_on"], day)


def test_counts_of_groups(registry: Registry) -> None:
    counts = registry.sanctions.counts("ground", imposing_party="US", limit=3)
    assert counts["rows_left_off"] == counts["total"] - 3 > 0
    for group in counts["items"]:
        assert group["count"] == registry.sanctions.total(imposing_party="US", ground=group["ground"])
    frame = registry.sanctions.counts_frame(["imposer", "imposed_on.year"], measures=["count", "targets"])
    assert list(frame.columns) == ["imposer", "imposer.label", "imposed_on.year", "count", "targets"]
    assert {str(frame[name].dtype) for name in ("count", "targets")} == {"Int64"}
    # A sanction has one imposer and one day, so each counts once.
    assert len(frame) > 100
    assert frame["count"].sum() == registry.sanctions.total()
    (group,) = registry.as_of("2025-10-24T18:00:00Z").sanctions.counts("target", target="demo:petro")["items"]
    assert group["count"] == 1
    assert registry.sanctions.counts("target", target="demo:petro")["items"][0]["count"] == 2
    for kind in (registry.actors, registry.relationships, registry.programmes, registry.diplomatic_actions, registry.sources):
        assert kind.counts("version")["total"] >= 1


def test_a_search_across_kinds(registry: Registry) -> None:
    search = registry.search("petro")
    found = list(search)
    assert len(found) == search.total() == len(search.frame())
    assert len({one["resource"] for one in found}) > 2
    ranks = [one["match"]["rank"] for one in found]
    assert ranks == sorted(ranks, reverse=True)
    assert search.page(limit=2)["items"] == found[:2]
    assert list(registry.search("petro", resource="sanctions", limit=2)) == list(search.list(resource="sanctions", limit=2))
    assert registry.get(found[0]["path"])["id"] == found[0]["id"]
    assert registry.as_of("2025-09-01T00:00:00Z").search("petro cocaine").total() < registry.search("petro cocaine").total()


def test_fields_included_records_and_facets(registry: Registry) -> None:
    records: list[Any] = list(registry.sanctions.list(target="demo:petro", include="target", fields="id,target.countries.code"))
    assert [record["target"]["countries"] for record in records] == [[{"code": "CO"}]] * 2
    facets = registry.sanctions.page(target_country="RU", facets="ground,status", limit=1).get("facets")
    assert facets is not None
    value = facets["ground"]["values"][0]
    assert value["count"] == registry.sanctions.total(target_country="RU", ground=value["value"])


def test_what_is_read_across(registry: Registry) -> None:
    chain = registry.diplomatic_actions.chain("demo:colombia_suspends_intelligence_cooperation")
    assert any(item["asked"] for item in chain["items"])
    days = [item["on"] for item in registry.dyad("iso3166:US", "iso3166:CO").list(announcements="fold")]
    assert len(days) > 3
    claims = list(registry.claims.list(claim_status=["unconfirmed", "disputed"]))
    assert {claim["claim_status"] for claim in claims} == {"unconfirmed", "disputed"}
    assert "measures" in [summary["name"] for summary in registry.vocabularies()]
    assert registry.get("/v1/actors", kind="state", limit=1)["items"][0]["kind"] == "state"


def test_as_of_reads_the_registry_as_it_was_recorded(registry: Registry) -> None:
    evening = registry.as_of("2025-10-24T18:00:00Z")
    assert evening.sanctions.total(target="demo:petro") == 1
    assert registry.sanctions.total(target="demo:petro") == 2
    (sanction,) = evening.sanctions.list(target="demo:petro")
    assert sanction["programmes"] == []
    assert registry.sanctions.get(sanction)["programmes"] != []
    assert len(evening.sanctions.frame(target="demo:petro")) == 1


def test_faults_are_exceptions(registry: Registry) -> None:
    with pytest.raises(demarche.NotFound):
        registry.actors.get("demo:nobody")
    with pytest.raises(demarche.MalformedRequest) as malformed:
        registry.sanctions.page(colour="red")
    assert malformed.value.faults[0]["pointer"] == "?colour"
    with pytest.raises(demarche.InvalidRecord) as invalid:
        registry.sanctions.create({"imposer": "demo:nobody", "target": "demo:petro", "imposed_on": "2025", "lifted_on": "2024"})
    assert {"/imposer", "/lifted_on"} <= {fault["pointer"] for fault in invalid.value.faults}
    with pytest.raises(demarche.Unauthorized):
        Registry(registry._transport.url).sources.create({"kind": "other", "title": "x"})
    with pytest.raises(demarche.InvalidRecord):
        list(registry.actors.stream(kind="nonsense"))


def test_a_record_from_creation_to_deletion(registry: Registry) -> None:
    key = uuid.uuid4().hex
    made = registry.actors.create(
        {
            "kind": "person",
            "name": "Jane Doe",
            "countries": [{"code": "CO", "role": "nationality"}],
            "external_keys": [{"scheme": "desk", "value": key}],
        },
        comment="Zürich asked",
        key=key,
    )
    try:
        again = registry.actors.create(
            {
                "kind": "person",
                "name": "Jane Doe",
                "countries": [{"code": "CO", "role": "nationality"}],
                "external_keys": [{"scheme": "desk", "value": key}],
            },
            key=key,
        )
        assert again["id"] == made["id"]

        patched = registry.actors.patch(made, {"began_on": "1960/1962"})
        assert patched["version"] == 2
        with pytest.raises(demarche.PreconditionFailed):
            registry.actors.patch(made, {"began_on": "1961"})

        read = registry.actors.get(f"desk:{key}")
        assert read == patched
        read["description"] = "Born some time between 1960 and 1962"
        replaced = registry.actors.replace(read, read)
        assert replaced["version"] == 3
        with pytest.raises(demarche.PreconditionFailed):
            registry.actors.replace(f"desk:{key}", read)

        history = list(registry.actors.history(replaced).list())
        assert [revision["version"] for revision in history] == [3, 2, 1]
        assert history[-1].get("comment") == "Zürich asked"
        record = registry.actors.version(replaced, 1).get("record")
        assert record is not None
        assert record["began_on"] is None
        restored = registry.actors.restore(replaced, 1)
        assert (restored["version"], restored["began_on"]) == (4, None)
    finally:
        registry.actors.delete(f"desk:{key}")
    with pytest.raises(demarche.NotFound):
        registry.actors.get(made)


def test_every_kind_of_record_that_was_read_can_be_sent_back(registry: Registry) -> None:
    # A replacement that changes nothing keeps the version, so nothing is lost on the way through Python.
    kinds: list[Any] = [
        *(registry.actors, registry.relationships, registry.programmes),
        *(registry.sanctions, registry.diplomatic_actions, registry.sources),
    ]
    for records in kinds:
        for record in records.list(limit=3):
            assert records.replace(record, record) == record


def test_a_batch_a_citation_a_warning_and_a_merge(registry: Registry) -> None:
    results = registry.batch(
        [
            {"method": "POST", "resource": "actors", "as": "one", "body": {"kind": "person", "name": "Jane Doe"}},
            {"method": "POST", "resource": "actors", "as": "other", "body": {"kind": "person", "name": "J. Doe"}},
            {"method": "POST", "resource": "sources", "as": "note", "body": {"kind": "other", "title": "A note"}},
            {
                "method": "POST",
                "resource": "sanctions",
                "body": {"imposer": "demo:ofac", "target": "@one", "measures": ["visa_ban"], "imposed_on": "2025-11"},
            },
        ]
    )
    one, other, note, sanction = [str(result.get("id")) for result in results]
    try:
        written = registry.sanctions.patch(sanction, {"reason": "a test"})
        assert [fault["pointer"] for fault in demarche.warnings(written)] == ["/citations"]
        with pytest.raises(demarche.InvalidRecord):
            registry.sanctions.patch(sanction, {"reason": "another test"}, strict=True)
        citation = registry.sanctions.cite(sanction, {"source": note, "credibility": 2})
        assert [one["id"] for one in registry.sanctions.get(sanction)["citations"]] == [citation["id"]]
        registry.sanctions.remove_citation(sanction, {"id": citation["id"]})
        assert registry.sanctions.get(sanction)["citations"] == []

        merged = registry.actors.merge(one, other)
        assert merged["merged"]["moved"]["sanctions"] == 1
        # The old id redirects to the other actor, for writes too.
        assert registry.actors.get(one)["id"] == other
        assert registry.actors.patch(one, {"description": "x"})["id"] == other
        assert [record["id"] for record in registry.actors.sanctions(one).list()] == [sanction]
    finally:
        registry.sanctions.delete(sanction)
        registry.actors.delete(other)
        registry.sources.delete(note)


def test_the_feed_has_every_change_once(registry: Registry) -> None:
    some = list(registry.changes(after=100, limit=50))
    assert [later["sequence"] - earlier["sequence"] for earlier, later in pairwise(some)] == [1] * (len(some) - 1)
    assert some[0]["sequence"] == 101
    last = some[-1]["sequence"]
    assert {change["resource"] for change in registry.changes(resource="programmes")} == {"programmes"}

    # A follower waits for the change that another one makes.
    made: list[str] = []

    def write() -> None:
        source = registry.sources.create({"kind": "other", "title": "Seen by a follower"})
        made.append(source["id"])

    timer = threading.Timer(0.3, write)
    timer.start()
    try:
        change = next(change for change in registry.follow(after=last, resource="sources") if change["operation"] == "create")
    finally:
        timer.join()
        registry.sources.delete(made[0])
    assert change["id"] == made[0]
    record = change.get("record")
    assert record is not None
    assert record["title"] == "Seen by a follower"


@pytest.fixture(scope="module")
def running(server: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Returns the examples by name, all started at once: much of their time is imports."""
    charts = tmp_path_factory.mktemp("charts")
    environment = {**os.environ, "DEMARCHE_URL": server[0], "DEMARCHE_CHARTS": str(charts), "PYTHONDONTWRITEBYTECODE": "1"}
    started = {
        name: subprocess.Popen(
            [sys.executable, str(EXAMPLES / f"{name}.py")],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("who_sanctions_whom", "tension_around_a_summit", "coordinated_listings")
    }
    yield started
    for process in started.values():
        process.kill()
        process.communicate()


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples of the repository are not here")
@pytest.mark.parametrize(
    ("example", "says"),
    [
        ("who_sanctions_whom", ["Pairs with sanctions in force both ways", "RU    US", "How to read it"]),
        ("tension_around_a_summit", ["After Riyadh it took 920 days", "After AlUla no hostile act", "How to read it"]),
        ("coordinated_listings", ["EU + US", "Vladimir Putin  2022-02-25", "How to read it"]),
    ],
)
def test_an_example_answers_its_question(running: dict[str, subprocess.Popen[str]], example: str, says: list[str]) -> None:
    out, err = running[example].communicate(timeout=60)
    assert running[example].returncode == 0, err
    for text in says:
        assert text in out, out


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples of the repository are not here")
def test_an_example_without_a_server_says_what_to_do() -> None:
    environment = {**os.environ, "DEMARCHE_URL": "http://127.0.0.1:9", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [sys.executable, str(EXAMPLES / "who_sanctions_whom.py")], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    sentence = "start the demo (demarche demo), or set DEMARCHE_URL to the address of a registry"
    assert ended.stderr == f"no server answers at http://127.0.0.1:9: {sentence}\n"
