"""Rows as bytes: what no sandbox sends."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest

from teamup_async.cli.failures import OutputError
from teamup_async.cli.formats import Csv, JsonLines, known_columns
from teamup_async.cli.output import Sink
from teamup_async.cli.tables import text_of
from teamup_async.endpoint import Endpoint
from teamup_async.errors import PaginationDriftError
from teamup_async.objects import Money, Named
from teamup_async.query import Query
from teamup_async.rows import NO_COUNTS
from teamup_async.stream import Page


@attrs.frozen(slots=False)
class Sale:
    id: int | None = None
    price: Money | None = None
    venue: Named = Named()
    buyer: int | Named | None = None
    tags: tuple[str, ...] = ()
    at: datetime | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


@attrs.frozen(kw_only=True)
class SalesQuery(Query[Sale]):
    pass


SALES = Endpoint(
    name="sales", title="Sales", path="/reports/sales/data", query=SalesQuery, row=Sale, grouped=True
)


def written(kind: Any, columns: tuple[str, ...], *rows: Sale) -> str:
    out = io.BytesIO()
    writer = kind(SALES, Sink(out, "memory"))
    writer.page(page(columns, *rows), rows)
    writer.finish()
    return out.getvalue().decode()


def page(columns: tuple[str, ...], *rows: Sale) -> Page[Sale]:
    return Page(rows=list(rows), total=None, columns=columns, column_headers=(), next=None)


def test_numbers_keep_their_digits() -> None:
    """Decimals are written digit by digit, without a detour through floats."""
    price = Money(decimal=Decimal("12345678901234567.10"))
    assert '"decimal":12345678901234567.10' in written(JsonLines, ("price",), Sale(price=price))
    assert written(Csv, ("price",), Sale(price=price)) == "price\n12345678901234567.10\n"
    assert written(Csv, ("price",), Sale(price=Money(decimal=Decimal("1E+2")))) == "price\n100\n"


def test_times() -> None:
    """Times are ISO 8601, the same in both formats."""
    for at, text in (
        (datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), "2025-01-02T03:04:05Z"),
        (
            datetime(2025, 1, 2, 3, 4, 5, 60_000, timezone(timedelta(hours=2))),
            "2025-01-02T03:04:05.060000+02:00",
        ),
    ):
        assert written(JsonLines, ("at",), Sale(at=at)) == f'{{"at":"{text}"}}\n'
        assert written(Csv, ("at",), Sale(at=at)) == f"at\n{text}\n"


def test_expanded_or_not() -> None:
    """A field that may be an id or an object is written as what came, by its path too."""
    assert written(JsonLines, ("buyer",), Sale(buyer=7), Sale(buyer=Named(7, "Ann"))) == (
        '{"buyer":7}\n{"buyer":{"id":7,"name":"Ann"}}\n'
    )
    assert written(JsonLines, ("buyer.name",), Sale(buyer=7), Sale(buyer=Named(7, "Ann"))) == (
        '{"buyer":7}\n{"buyer":{"name":"Ann"}}\n'
    )


def test_groups_and_their_parts() -> None:
    """A whole object and one of its parts as columns make one whole object, in either order."""
    row = Sale(venue=Named(1, "Hall"))
    whole = '{"venue":{"id":1,"name":"Hall"}}\n'
    assert written(JsonLines, ("venue", "venue.id"), row) == whole
    assert written(JsonLines, ("venue.id", "venue"), row) == whole


def test_pivoted_columns_and_unknown_ones() -> None:
    """Columns that only the headers tell are the counts of the row."""
    row = Sale(id=1, counts={"2025-01": 3, "a.b": None})
    assert written(JsonLines, ("id", "2025-01", "a.b"), row) == '{"id":1,"2025-01":3,"a.b":null}\n'
    assert written(Csv, ("id", "2025-01", "a.b"), row) == "id,2025-01,a.b\n1,3,\n"
    assert known_columns(SALES, ("id", "2025-01", "venue.name")) == ("id", "2025-01", "venue.name")


def test_csv_quotes() -> None:
    """Text with commas, quotes and line ends is quoted; lists are JSON."""
    row = Sale(venue=Named(None, 'a,"b"\nc'), tags=("x", "y"))
    assert written(Csv, ("venue.name", "tags"), row) == 'venue.name,tags\n"a,""b""\nc","[""x"",""y""]"\n'


def test_columns_that_change() -> None:
    """csv has one head: a report whose columns change on the way is refused."""
    writer = Csv(SALES, Sink(io.BytesIO(), "memory"))
    writer.page(page(("id",), Sale(1)), [Sale(1)])
    writer.page(page(()), [])
    with pytest.raises(PaginationDriftError, match="columns"):
        writer.page(page(("id", "tags"), Sale(2)), [Sale(2)])


def test_what_json_can_not_hold() -> None:
    """A number of any size is written; half a letter is an error with a message, not a traceback."""
    assert written(JsonLines, ("id",), Sale(id=2**70)) == f'{{"id":{2**70}}}\n'
    with pytest.raises(OutputError, match="can't be written as JSON"):
        written(JsonLines, ("tags",), Sale(tags=("\ud800",)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (date(2025, 1, 2), "2025-01-02"),
        (time(9, 30), "09:30:00"),
        (datetime(2025, 1, 2, 3, 4, tzinfo=UTC), "2025-01-02 03:04"),
        (Money(decimal=Decimal("1.50"), string="£1.50"), "£1.50"),
        (Money(decimal=Decimal("1.50")), "1.50"),
        ((Named(1, "Ann"), Named(2, None)), "Ann, 2"),
        ("\x1b[31mred\r\n", " [31mred  "),
    ],
)
def test_text_for_people(value: object, text: str) -> None:
    """In tables, objects are their names, and no value can steer the terminal."""
    assert text_of(value) == text


def test_progress_line() -> None:
    """A line of progress tells rows, speed, time left, requests, retries and waits, as far as there are any."""
    from teamup_async.cli.progress import describe
    from teamup_async.stats import Stats

    assert describe(Stats(), 0, None, 0.0) == "0 rows · 0 requests"
    stats = Stats(rows=2_000, requests=21, retries=2, waited=75.2, total=8_000)
    assert describe(stats, 2_000, 8_000, 20.0, idle=5.0) == (
        "2,000/8,000 rows · 100/s · 1 min 00 s left · 21 requests · 2 retries · waited 1 min 15 s for the quota · "
        "waiting for the quota or an answer, 5 s"
    )
    assert describe(Stats(rows=8, requests=1, total=8), 8, 8, 1.0, idle=9.0) == "8/8 rows · 1 request"
