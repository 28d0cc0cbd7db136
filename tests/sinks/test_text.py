"""Rows as text: what no sandbox sends, and that a format looks the same wherever it goes."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.cli.failures import OutputError
from teamup_async.cli.formats import TextWriter, known_columns
from teamup_async.cli.output import Sink
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS
from teamup_async.errors import PaginationDriftError
from teamup_async.objects import Money, Named
from teamup_async.page import Page
from teamup_async.query import Query
from teamup_async.reports.instructed_sessions import INSTRUCTED_SESSIONS
from teamup_async.rows import NO_COUNTS
from teamup_async.sinks import Csv, Jsonl, sink_named
from teamup_async.sinks.schema import columns_of_rows
from teamup_async.sinks.table import SINKS
from teamup_async.sinks.text import decimal_text


@attrs.frozen(slots=False)
class Sale:
    id: int | None = None
    price: Money | None = None
    venue: Named = Named()
    buyer: int | Named | None = None
    tags: tuple[str, ...] = ()
    teachers: tuple[Named, ...] = ()
    at: datetime | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


@attrs.frozen(slots=False)
class Texts:
    a: str | None = None
    b: str | None = None


@attrs.frozen(kw_only=True)
class SalesQuery(Query[Sale]):
    pass


SALES = Endpoint(
    name="sales", title="Sales", path="/reports/sales/data", query=SalesQuery, row=Sale, grouped=True
)


def written(kind: Any, columns: tuple[str, ...], *rows: Sale) -> str:
    paths = tuple(column for column in columns if column[0].isalpha() and column != "a.b")
    schema = columns_of_rows(Sale, paths, frozenset(), tuple(c for c in columns if c not in paths))
    sink = kind("unused")
    return (sink.head(schema) + sink.lines(schema, rows)).decode()


def test_numbers_keep_their_digits() -> None:
    """Decimals are written digit by digit, without a detour through floats."""
    price = Money(decimal=Decimal("12345678901234567.10"))
    assert '"decimal":12345678901234567.10' in written(Jsonl, ("price",), Sale(price=price))
    assert written(Csv, ("price.decimal",), Sale(price=price)) == "price.decimal\n12345678901234567.10\n"
    assert written(Csv, ("price.decimal",), Sale(price=Money(decimal=Decimal("1E+2")))).endswith("\n100\n")
    assert written(Jsonl, ("id",), Sale(id=2**70)) == f'{{"id":{2**70}}}\n'


def test_times() -> None:
    """Times are ISO 8601, the same in both formats."""
    for at, text in (
        (datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), "2025-01-02T03:04:05Z"),
        (
            datetime(2025, 1, 2, 3, 4, 5, 60_000, timezone(timedelta(hours=2))),
            "2025-01-02T03:04:05.060000+02:00",
        ),
    ):
        assert written(Jsonl, ("at",), Sale(at=at)) == f'{{"at":"{text}"}}\n'
        assert written(Csv, ("at",), Sale(at=at)) == f"at\n{text}\n"


def test_expanded_or_not() -> None:
    """A field that may be an id or an object is written as what came, by its path too."""
    assert written(Jsonl, ("buyer",), Sale(buyer=7), Sale(buyer=Named(7, "Ann"))) == (
        '{"buyer":7}\n{"buyer":{"id":7,"name":"Ann"}}\n'
    )
    assert written(Jsonl, ("buyer.name",), Sale(buyer=7), Sale(buyer=Named(7, "Ann"))) == (
        '{"buyer":7}\n{"buyer":{"name":"Ann"}}\n'
    )


def test_objects_and_their_parts() -> None:
    """An object and one of its parts as columns make one whole object; a part of a list's items is the whole list."""
    row = Sale(venue=Named(1, "Hall"), teachers=(Named(7, "Ann"),))
    whole = '{"venue":{"id":1,"name":"Hall"}}\n'
    assert written(Jsonl, ("venue", "venue.id"), row) == whole
    assert written(Jsonl, ("venue.id", "venue"), row) == whole
    assert written(Jsonl, ("teachers.id", "teachers.name"), row) == '{"teachers":[{"id":7,"name":"Ann"}]}\n'


def test_pivoted_columns() -> None:
    """Columns that only the headers tell are the counts of the row."""
    row = Sale(id=1, counts={"2025-01": 3, "a.b": None})
    assert written(Jsonl, ("id", "2025-01", "a.b"), row) == '{"id":1,"2025-01":3,"a.b":null}\n'
    assert written(Csv, ("id", "2025-01", "a.b"), row) == "id,2025-01,a.b\n1,3,\n"
    assert known_columns(SALES, ("id", "2025-01", "venue.name")) == ("id", "2025-01", "venue.name")


def test_csv_quotes() -> None:
    """Text with commas, quotes and line ends is quoted; lists are JSON."""
    row = Sale(venue=Named(None, 'a,"b"\nc'), tags=("x", "y"))
    assert written(Csv, ("venue.name", "tags"), row) == 'venue.name,tags\n"a,""b""\nc","[""x"",""y""]"\n'


TEXTS = st.text(st.sampled_from("a,\"'\n\r\t é=-;"), max_size=6)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5), st.sampled_from([("a",), ("a", "b")]))
def test_csv_as_python_writes_it(cells: list[tuple[str, str]], keys: tuple[str, ...]) -> None:
    """Lines of text are those that Python's own writer makes, and a reader finds the same text in them."""
    endings = io.StringIO(newline="")
    csv.writer(endings, lineterminator="\x00\r\n").writerows([keys, *(row[: len(keys)] for row in cells)])
    schema = columns_of_rows(Texts, keys, frozenset(), ())
    sink = Csv("unused", cells="raw")
    made = (sink.head(schema) + sink.lines(schema, [Texts(*row) for row in cells])).decode()

    assert made == endings.getvalue().replace("\x00\r\n", "\n")
    assert list(csv.reader(io.StringIO(made, newline=""))) == [
        list(keys),
        *(list(row[: len(keys)]) for row in cells),
    ]


@given(st.lists(st.none() | st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3.5))]))))
def test_columns_of_moments(moments: list[datetime | None]) -> None:
    """A column of moments is written as each of them is: to the microsecond, with its offset."""
    schema = columns_of_rows(Sale, ("id", "at"), frozenset(), ())
    lines = Csv("unused").lines(schema, [Sale(1, at=moment) for moment in moments]).decode().splitlines()

    expected = ["" if moment is None else moment.isoformat().replace("+00:00", "Z") for moment in moments]
    assert expected == [line.removeprefix("1,") for line in lines]


def page(columns: tuple[str, ...], *rows: Sale) -> Page[Sale]:
    return Page(rows=list(rows), total=None, columns=columns, column_headers=(), next=None)


def test_columns_that_change() -> None:
    """A file has one head: a report whose pivoted columns change on the way is refused."""
    writer = TextWriter("csv", SALES, SALES.query(), Sink(io.BytesIO(), "memory"))
    writer.page(page(("id", "2025-01"), Sale(1)), [Sale(1)])
    writer.page(page(()), [])
    with pytest.raises(PaginationDriftError, match="columns"):
        writer.page(page(("id", "2025-02"), Sale(2)), [Sale(2)])


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_what_text_can_not_hold(kind: str) -> None:
    """Half a letter is an error with a message, not a traceback."""
    writer = TextWriter(kind, SALES, SALES.query(), Sink(io.BytesIO(), "memory"))
    with pytest.raises(OutputError, match="can't be written"):
        writer.page(page(("tags",)), [Sale(tags=("\ud800",))])


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
@pytest.mark.parametrize("instructors", [None, "0"])
async def test_one_writer(
    client: Callable[..., Any], tmp_path: Path, kind: str, instructors: str | None
) -> None:
    """What goes into a pipe is byte for byte what a pull into a file writes, rows or none."""
    query = {} if instructors is None else {"instructors": instructors}
    output = io.BytesIO()
    async with client() as teamup:
        stream = teamup.reports.instructed_sessions(**query)
        writer = TextWriter(kind, stream.endpoint, stream.query, Sink(output, "memory"))
        async with stream.pages() as pages:
            async for each in pages:
                writer.page(each, each.rows)
        writer.finish()
        await teamup.pull({"instructed_sessions": query}, into=f"{tmp_path / 'x'}.{kind}")

    assert output.getvalue() == (tmp_path / f"x.{kind}").read_bytes()
    if kind == "csv":
        [head, *rows] = csv.reader(io.StringIO(output.getvalue().decode()))
        assert len(head) == len(INSTRUCTED_SESSIONS.paths) + 4  # money has five parts
        assert bool(rows) == (instructors is None)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_a_row_as_json(endpoint: Any) -> None:
    """The lines that docs/rows.md gives for a row as a dict and as JSON hold for every row class."""
    readme = (Path(__file__).parents[2] / "docs/rows.md").read_text("utf-8")
    known = {
        "attrs": attrs,
        "json": json,
        "msgspec": msgspec,
        "row": endpoint.row(id=2**60) if endpoint.has_id else endpoint.row(),
    }
    lines = (
        "attrs.asdict(row)",
        "msgspec.json.encode(row, enc_hook=dict)",
        "json.dumps(attrs.asdict(row), default=str)",
    )
    assert all(f"`{line}`" in readme for line in lines)
    made, encoded, text = (eval(line, known) for line in lines)

    assert json.loads(encoded).keys() == json.loads(text).keys() == made.keys()
    assert made.keys() == attrs.fields_dict(endpoint.row).keys()
    assert not endpoint.has_id or json.loads(encoded)["id"] == json.loads(text)["id"] == 2**60


def test_amounts_and_times_as_json() -> None:
    """Amounts keep their digits, times are ISO 8601."""
    row = Sale(price=Money(decimal=Decimal("12345678901234567.10")), at=datetime(2025, 1, 2, tzinfo=UTC))
    made = json.loads(msgspec.json.encode(row, enc_hook=dict))

    assert (made["price"]["decimal"], made["at"]) == ("12345678901234567.10", "2025-01-02T00:00:00Z")


def test_endings(tmp_path: Path) -> None:
    """The ending of a file says its format; one that says none is refused, with those that do."""
    for kind, made in SINKS.items():
        for ending in made.endings:
            assert sink_named(str(tmp_path / f"x{ending}")).name == f"{kind}:{tmp_path / f'x{ending}'}"
    for name in ("x.ods", "x.parquet.gz", "x"):
        with pytest.raises(ValueError, match=r"use one of \.jsonl, .*\.parquet, .*\.duckdb"):
            sink_named(str(tmp_path / name))


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("12.50", "12.50"),
        ("1E+3", "1000"),
        ("0.00000001", "0.00000001"),
        ("1E+99999999", "1E+99999999"),
        ("0E-99999999", "0E-99999999"),
        ("NaN", "NaN"),
    ],
)
def test_amounts_of_odd_sizes(sent: str, text: str) -> None:
    """Amounts become digits; one that would be a hundred million zeros keeps its exponent."""
    assert decimal_text(Decimal(sent)) == text
