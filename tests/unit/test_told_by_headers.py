"""What the headers of a report tell of how its request was understood."""

from __future__ import annotations

from typing import Any

import pytest

from teamup_async._decoding.page import ColumnHeader, Sorted
from teamup_async._walking.headers import lacking, told_by_headers
from teamup_async._walking.learned import Learned, Told
from teamup_async.dialect import Dialect
from teamup_async.endpoints import endpoint_named
from teamup_async.query import Query

ATTENDANCES = endpoint_named("attendances")


def headers(*keys: str, in_order: str = "", always: str = "") -> list[ColumnHeader]:
    return [
        ColumnHeader(key=key, sorted=Sorted(order="asc") if key == in_order else None, required=key == always)
        for key in keys
    ]


def asked(**given: Any) -> Query[Any]:
    return ATTENDANCES.make_query(given)


@pytest.mark.parametrize(
    ("columns", "found", "expected"),
    [
        (None, [], Told()),
        (None, headers("id", "status"), Told()),
        (None, headers("id", "status", in_order="id"), Told(read=True)),
        (["status"], headers("status", "id"), Told(read=True, several=True)),
        (["status"], headers("status", "id", "venue.id", always="venue.id"), Told(read=True, several=True)),
        (["status"], headers("id"), Told(doubtful=True)),
        (["status"], headers("status", "id", "venue.id"), Told(doubtful=True)),
        ([*ATTENDANCES.paths], headers(*ATTENDANCES.paths), Told()),
        (["customer"], [], Told()),
    ],
)
def test_told(columns: Any, found: list[ColumnHeader], expected: Told) -> None:
    """Columns that were asked for, and no others, tell that several values count; an order tells that they are read."""
    assert told_by_headers(ATTENDANCES, asked(columns=columns), ("id",), found) == expected


def test_one_column() -> None:
    """One column tells that it was read, and nothing of several."""
    assert told_by_headers(ATTENDANCES, asked(columns=["id"]), (), headers("id")) == Told(read=True)


def test_what_is_lacking() -> None:
    """What is known is put together; what is needed and not known is left."""
    assert Told(read=True) | Told(several=True) == Told(read=True, several=True)
    assert Told(read=True, several=True).lacks(Told(read=True)) == Told(several=True)
    assert lacking(ATTENDANCES, headers("id"))
    assert not lacking(ATTENDANCES, headers(*ATTENDANCES.paths))
    assert not lacking(ATTENDANCES, [])


def test_totals_that_are_trusted() -> None:
    """Totals are believed once two of one endpoint were right, one not round, one twice the other; none larger is."""
    learned = Learned()
    totals = learned.totals.setdefault("reports.attendances", set())
    for total, trusted in ((300, False), (213, False), (150, True)):
        totals.add(total)
        assert learned.trusts(213, "report") is trusted
    assert learned.trusts(300, "report")
    assert not learned.trusts(301, "report")
    assert not learned.trusts(213, "list")


def test_the_form_of_lists() -> None:
    """A form that was found holds for every endpoint of its kind."""
    learned = Learned()
    learned.note_form("arrays", "comma")
    assert learned.dialect_of(ATTENDANCES) == Dialect(arrays="comma")
