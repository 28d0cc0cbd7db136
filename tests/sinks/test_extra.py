"""Fields that TeamUp sends and no row class knows: named, and kept where asked for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from teamup_async import QueryError, TeamUp
from teamup_async._decoding.fast import decode
from teamup_async.lists.course_sessions import COURSE_SESSIONS
from teamup_async.reports.attendance_strikes import ATTENDANCE_STRIKES_GROUPED
from teamup_async.reports.attendances import ATTENDANCES
from teamup_async.rows import extra_fields
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks import sink_named
from teamup_async.sinks.schema import columns_of_rows
from teamup_async.sinks.table import SINKS
from tests.sinks.reading import path_of, place_of

ROW = {
    "id": 1,
    "customer": {"id": 7, "name": "Ann", "tier": {"name": "gold", "since": None}},
    "instructors": [{"id": 1, "name": "A", "badge": "x"}, {"id": 2, "name": "B", "badge": 1.10}],
    "waitlist": {"a": [1, 2.50]},
    "status": None,
}
EXTRA = {
    "customer.tier": {"name": "gold", "since": None},
    "instructors[].badge": ["x", "1.1"],
    "waitlist": {"a": [1, "2.5"]},
}


def body_of(*rows: dict[str, Any], headers: Any = ()) -> bytes:
    """A page of a report."""
    return json.dumps({"total": len(rows), "column_headers": headers, "rows": rows}).encode()


def plain(value: Any) -> Any:
    """With numbers as text, digit by digit."""
    return json.loads(json.dumps(value, default=str))


def test_unknown_fields_are_named() -> None:
    """A page names the fields that its row class does not know, those inside of objects and lists too."""
    decoded = decode(ATTENDANCES, body_of(ROW))

    assert decoded.unknown == ("customer.tier", "instructors[].badge", "waitlist")
    assert extra_fields(decoded.rows[0]) == {}
    assert decode(ATTENDANCES, body_of({"id": 1, "customer": None, "instructors": None})).unknown == ()
    assert decode(ATTENDANCES, body_of()).unknown == ()


def test_unknown_fields_of_lists() -> None:
    """Lists have no headers: their rows tell. A reference may be an id, a link or an object."""
    page = {
        "count": 1,
        "next": '"results": [{"no": 1}]',
        "results": [{"id": 1, "venue": {"id": 1, "x": 2}, "y": 3}],
    }
    assert decode(COURSE_SESSIONS, json.dumps(page).encode()).unknown == ("venue.x", "y")
    page["results"] = [{"id": 1, "venue": 7}]
    assert decode(COURSE_SESSIONS, json.dumps(page, indent=2).encode()).unknown == ()


def test_counts_are_known() -> None:
    """The keys of pivoted counts are no unknown fields; what stands beside them is."""
    headers = [{"key": "status"}, {"key": "2025-01"}, {"key": "2025.02"}]
    row = {"status": "open", "2025-01": 3, "2025": {"02": 4}, "note": "new"}
    decoded = decode(ATTENDANCE_STRIKES_GROUPED, body_of(row, headers=headers), extra=True)

    assert decoded.unknown == ("note",)
    assert dict(decoded.rows[0].counts) == {"2025-01": 3, "2025.02": 4}
    assert extra_fields(decoded.rows[0]) == {"note": "new"}


def test_a_page_names_no_more_than_a_hundred() -> None:
    """However many fields a server sends, and however long their names, what is told stays small."""
    unknown = decode(ATTENDANCES, body_of({f"{number}{'x' * 500}": 1 for number in range(150)})).unknown
    assert len(unknown) == 100
    assert max(map(len, unknown)) <= 110


def test_what_is_kept() -> None:
    """With `extra`, each row holds what was sent and is not known, numbers with their digits; others hold nothing."""
    first, second = decode(ATTENDANCES, body_of(ROW, {"id": 2}), extra=True).rows

    assert plain(extra_fields(first)) == EXTRA
    assert extra_fields(second) == {}


@pytest.mark.parametrize("kind", SINKS)
def test_kept_in_a_column(tmp_path: Path, read: Callable[..., Any], kind: str) -> None:
    """A sink with ``extra="keep"`` has a column of JSON for them; without it there is none."""
    rows = decode(ATTENDANCES, body_of(ROW, {"id": 2}), extra=True).rows
    schema = columns_of_rows(ATTENDANCES.row, ("id", "status"), frozenset(), ())
    found: dict[str, list[dict[str, Any]]] = {}
    for extra in ("drop", "keep"):
        base = tmp_path / extra
        put(sink_named(place_of(kind, base), extra=extra), schema, rows)
        found[extra] = read(kind, path_of(kind, base), "visits")

    first, second = found["keep"]
    kept = {name.removeprefix("extra."): value for name, value in first.items() if name.startswith("extra")}
    text = kept.get("extra")
    assert (json.loads(text) if isinstance(text, str) else kept)[
        "waitlist" if "extra" in kept else "waitlist.a"
    ]
    assert not second["extra"]
    assert [list(row) for row in found["drop"]] == [["id", "status"]] * 2


def with_news(body: bytes) -> bytes:
    """The answer of a server of next year."""
    page = json.loads(body)
    for row in page["rows"]:
        row["mood"] = f"happy {row['id']}"
        row["customer"]["tier"] = None
    return json.dumps(page).encode()


async def test_a_walk_tells_them(client: Callable[..., TeamUp], sandbox: Sandbox) -> None:
    """A stream counts the pages that had unknown fields, by name, and keeps them on demand."""
    sandbox.faults.add(faults.body(with_news), path="attendances", times=None)
    async with client() as teamup:
        stream = teamup.reports.attendances()
        plain = await stream.collect()
        assert stream.unknown_fields == {"mood": stream.stats.pages, "customer.tier": stream.stats.pages}
        keeping = stream.paged(extra="keep")
        kept = await keeping.collect()
        with pytest.raises(QueryError, match="'drop' or 'keep'"):
            stream.paged(extra="all")

    assert kept == plain
    assert [extra_fields(row)["mood"] for row in kept] == [f"happy {row.id}" for row in kept]
    assert {len(extra_fields(row)) for row in plain} == {0}


@pytest.mark.parametrize("kind", SINKS)
async def test_a_pull_tells_and_keeps_them(
    client: Callable[..., TeamUp], sandbox: Sandbox, tmp_path: Path, read: Callable[..., Any], kind: str
) -> None:
    """A pull names unknown fields in its result, and what keeps them; with ``extra="keep"`` they are all there."""
    sandbox.faults.add(faults.body(with_news), path="attendances", times=None)
    base = tmp_path / "attendances"
    async with client() as teamup:
        told = await teamup.pull({"attendances": {}}, into=place_of(kind, base))
        kept = await teamup.pull({"attendances": {}}, into=sink_named(place_of(kind, base), extra="keep"))
    rows = read(kind, path_of(kind, base), "attendances")

    assert told.notes == (
        (
            'attendances: 2 fields that this version does not know are left out (extra="keep", or --extra keep, keeps '
            "them): customer.tier, mood."
        ),
    )
    assert kept.notes == (
        "attendances: 2 fields that this version does not know are in the column 'extra': customer.tier, mood.",
    )
    assert len(rows) == len(sandbox.ids("attendances"))
    moods = [row["extra.mood"] if "extra.mood" in row else json.loads(row["extra"])["mood"] for row in rows]
    assert moods == [f"happy {row['id']}" for row in rows]


def put(sink: Any, schema: Any, rows: list[Any]) -> None:
    """A run of one part."""
    from teamup_async.sinks import Target

    target, state = Target(name="visits"), {"parts": {"part": {}}}
    sink.open([target])
    batch = sink.batch(schema)
    batch.add(rows)
    sink.append("part", batch, state)
    sink.publish(target, schema, ["part"], state)
    sink.save({})
    sink.close()
