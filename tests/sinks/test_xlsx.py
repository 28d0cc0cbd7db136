"""Excel workbooks: what is in their cells, and what Excel has no room for. They are read with openpyxl."""

import io
import re
import tempfile
import tracemalloc
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamup_async.errors import ConfigurationError
from teamup_async.objects import Money, Named
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks import SinkError, Target, Xlsx
from teamup_async.sinks.schema import Schema, columns_of_rows
from teamup_async.sinks.sheets import Sheet, sheet_names, write_workbook
from tests.s3_server import store


@attrs.frozen(slots=False)
class Sale:
    id: int | None = None
    price: Money | None = None
    text: str | None = None
    share: float | None = None
    paid: bool | None = None
    at: datetime | None = None
    day: date | None = None
    opens: time | None = None
    buyer: Named = Named()
    tags: tuple[str, ...] = ()


SCHEMA = columns_of_rows(
    Sale,
    ("id", "price", "text", "share", "paid", "at", "day", "opens", "buyer.name", "tags"),
    frozenset(),
    (),
)


def publish(sink: Xlsx, schema: Schema, rows: Sequence[Any], name: str = "sales") -> Path:
    """Write rows as a run does."""
    target = Target(name=name)
    sink.open([target])
    batch = sink.batch(schema)
    batch.add(rows)
    state = {"parts": {name: {}}, "targets": {name: {}}}
    sink.append(name, batch, state)
    where = sink.publish(target, schema, [name], state)
    sink.save({})
    sink.close()
    return Path(where)


def cells(tmp_path: Path, *rows: Sale, **options: Any) -> list[dict[str, Any]]:
    """The cells of each row by the name of their column."""
    sheet = openpyxl.load_workbook(publish(Xlsx(tmp_path / "a.xlsx", **options), SCHEMA, rows)).active
    head, *found = sheet.iter_rows()
    return [dict(zip([cell.value for cell in head], row, strict=True)) for row in found]


def test_types(tmp_path: Path) -> None:
    """Numbers, amounts, booleans, times, days and times of day are what Excel has for them; lists are JSON."""
    [row] = cells(
        tmp_path,
        Sale(
            id=7,
            price=Money(decimal=Decimal("-1234.50")),
            share=0.25,
            paid=True,
            at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
            day=date(2025, 1, 2),
            opens=time(9, 30),
            buyer=Named(1, "Ann"),
            tags=("x", "y"),
        ),
    )

    assert {name: (cell.value, cell.data_type) for name, cell in row.items() if cell.value is not None} == {
        "id": (7, "n"),
        "price.decimal": (-1234.5, "n"),
        "share": (0.25, "n"),
        "paid": (True, "b"),
        "at": (datetime(2025, 1, 2, 3, 4, 5), "d"),
        "day": (datetime(2025, 1, 2), "d"),
        "opens": (time(9, 30), "d"),
        "buyer.name": ("Ann", "s"),
        "tags": ('["x","y"]', "s"),
    }
    assert row["price.decimal"].number_format == "#,##0.00########"
    assert row["day"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize(
    ("amount", "value"),
    [
        ("0.10", 0.1),
        ("1.005", 1.005),
        ("123456789012345", 123456789012345),
        ("1234567890123.45", 1234567890123.45),
        ("12345678901234.567", "12345678901234.567"),
        ("12345678901234567.10", "12345678901234567.10"),
        ("100000000000000000000", 100000000000000000000),
    ],
)
def test_amounts_are_exact(tmp_path: Path, amount: str, value: Any) -> None:
    """An amount that Excel would round is text, digit by digit."""
    [row] = cells(tmp_path, Sale(price=Money(decimal=Decimal(amount))))

    assert row["price.decimal"].value == value


def test_whole_numbers_are_exact(tmp_path: Path) -> None:
    """An id of more than 15 digits is text; so is a number that is none."""
    rows = cells(tmp_path, Sale(id=10**15 - 1), Sale(id=-(10**15)), Sale(id=2**70), Sale(share=float("nan")))

    assert [row["id"].value for row in rows[:3]] == [10**15 - 1, str(-(10**15)), str(2**70)]
    assert rows[3]["share"].value == "nan"


def test_zones(tmp_path: Path) -> None:
    """Times are UTC unless another zone is asked for; each cell shows its clock, also where that changes in summer."""
    winter, summer = datetime(2025, 1, 1, 12, tzinfo=UTC), datetime(2025, 7, 1, 12, tzinfo=UTC)
    local = winter.astimezone(timezone(timedelta(hours=5)))
    in_utc = cells(tmp_path, Sale(at=local))
    london = cells(tmp_path, Sale(at=winter), Sale(at=summer), timezone="Europe/London")
    fixed = cells(tmp_path, Sale(at=winter), timezone=timezone(timedelta(hours=2)))

    assert in_utc[0]["at"].value == datetime(2025, 1, 1, 12)
    assert in_utc[0]["at"].number_format == 'yyyy-mm-dd hh:mm:ss "UTC"'
    assert [(row["at"].value.hour, row["at"].number_format[-5:]) for row in london] == [
        (12, '"GMT"'),
        (13, '"BST"'),
    ]
    assert (fixed[0]["at"].value.hour, fixed[0]["at"].number_format[-11:]) == (14, '"UTC+02:00"')


def test_no_such_zone(tmp_path: Path) -> None:
    """A zone that there is not is refused."""
    with pytest.raises(ConfigurationError, match="not 'Mars/Base'"):
        Xlsx(tmp_path, timezone="Mars/Base")
    assert Xlsx(tmp_path, timezone="Europe/London").timezone == ZoneInfo("Europe/London")


def test_times_that_excel_does_not_have(tmp_path: Path) -> None:
    """Days before March 1900 are text; a time without a zone stays as it is, and shows none."""
    [row, ends] = cells(
        tmp_path,
        Sale(day=date(1900, 2, 28), at=datetime(2025, 1, 2, 3)),
        Sale(at=datetime.min.replace(tzinfo=timezone(timedelta(hours=5))), day=date(1900, 3, 1)),
    )

    assert (row["day"].value, row["at"].value) == ("1900-02-28", datetime(2025, 1, 2, 3))
    assert row["at"].number_format == "yyyy-mm-dd hh:mm:ss"
    assert ends["at"].value.startswith("0001-01-01T00:00:00")
    assert ends["day"].value == datetime(1900, 3, 1)


NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@x",
    "'=1",
    "http://x",
    "<r>a</r>",
    "<r><t>b</t></r>",
    " a ",
    "a\nb\r\n",
    "_x000D_",
]


def unescaped(text: str) -> str:
    """Text as Excel reads it: openpyxl leaves the signs for control characters in it."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


@settings(max_examples=25)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=8))
def test_any_text(texts: list[str]) -> None:
    """Any text is text and comes back as it was: formulas, markup, control characters."""
    texts = [*texts, *NASTY, "\x00\x0b\x1f\ufffe\uffff", "_x0041_\x01"]
    file = io.BytesIO()
    sheet = Sheet(name="a", columns=[("t", "string")], rows=lambda: [[text] for text in texts])
    write_workbook(file, [sheet], UTC, Path(tempfile.gettempdir()))
    head, *rows = openpyxl.load_workbook(file).active.iter_rows()

    assert head[0].value == "t"
    assert [row[0].data_type for row in rows] == ["s"] * len(texts)
    assert [unescaped(row[0].value) for row in rows] == texts


def test_long_text(tmp_path: Path) -> None:
    """Text that is longer than a cell takes is cut, and a note says where; Excel counts an emoji twice."""
    sink = Xlsx(tmp_path)
    rows = [Sale(text="a" * 32_767), Sale(text="b" * 32_768), Sale(text="🙂" * 16_384)]
    place = publish(sink, SCHEMA, rows)
    values = [row[6].value for row in openpyxl.load_workbook(place).active.iter_rows(min_row=2)]

    assert values[0] == "a" * 32_767
    assert values[1] == "b" * 32_766 + "…"
    assert values[2] == "🙂" * 16_383 + "…"
    [note] = sink.notes
    assert note.startswith(
        f"{tmp_path}: 2 texts of column text of sheet sales were longer than the 32,767 characters"
    )


def test_more_rows_than_a_sheet_has(tmp_path: Path) -> None:
    """A report that is longer than a sheet goes on in another one, with the head again."""
    sheet = Sheet(name="a" * 31, columns=[("n", "integer")], rows=lambda: ([n] for n in range(7)))
    with (tmp_path / "a.xlsx").open("wb") as file:
        write_workbook(file, [sheet], UTC, tmp_path, most=4)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")

    assert book.sheetnames == ["a" * 31, f"{'a' * 29}~2", f"{'a' * 29}~3"]
    assert [[row[0] for row in sheet.values] for sheet in book] == [["n", 0, 1, 2], ["n", 3, 4, 5], ["n", 6]]
    assert list(tmp_path.iterdir()) == [tmp_path / "a.xlsx"]


def test_more_columns_than_a_sheet_has(tmp_path: Path) -> None:
    """A pivot with more columns than a sheet has is an error that says so."""
    sheet = Sheet(name="a", columns=[(str(n), "integer") for n in range(16_385)], rows=list)
    with pytest.raises(SinkError, match="16,385 columns, and a sheet has 16,384"):
        write_workbook(io.BytesIO(), [sheet], UTC, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_names_of_sheets() -> None:
    """Names are at most 31 characters long, each is there once whatever the case, and none is Excel's own."""
    names = sheet_names(
        ["customer_membership_holds_grouped", "customer_membership_holds_grouper", "A", "a", "History"]
    )

    assert names == [
        "customer_membership_holds_group",
        "customer_membership_holds_gro~2",
        "A",
        "a~2",
        "History~2",
    ]


def test_head(tmp_path: Path) -> None:
    """The head is bold and frozen, has filters, and columns are as wide as what is in them, within bounds."""
    place = publish(Xlsx(tmp_path), SCHEMA, [Sale(id=1, text="x" * 500, buyer=Named(1, "Ann Marie Smith"))])
    sheet = openpyxl.load_workbook(place).active
    widths = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}

    assert sheet.title == "sales"
    assert all(cell.font.bold for cell in sheet[1])
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:N2")
    assert widths["id"] < widths["buyer.name"] < widths["text"] < 62


def test_the_same_bytes(tmp_path: Path) -> None:
    """The same rows make the same file, byte for byte."""
    one, two = (publish(Xlsx(tmp_path / name), SCHEMA, [Sale(id=1)]).read_bytes() for name in "ab")

    assert one == two


def test_memory(tmp_path: Path) -> None:
    """Memory does not grow with the rows."""

    def peak(rows: int) -> int:
        sheet = Sheet(
            name="a", columns=[("t", "string")] * 5, rows=lambda: (["text"] * 5 for _ in range(rows))
        )
        tracemalloc.start()
        with (tmp_path / "a.xlsx").open("wb") as file:
            write_workbook(file, [sheet], UTC, tmp_path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(4_000) < 2 * peak(400) + 200_000


async def test_several_reports(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """Several reports in one file have a sheet each, in the order of the request; it appears when all are complete.

    Until then none of them is said to be in it; what was read is not read again.
    """
    place = tmp_path / "all.xlsx"
    place.write_bytes(b"old")
    requests = {"venues": {}, "course_sessions": {}, "memberships": {}}
    rule = sandbox.faults.add(faults.status(503), path="course_sessions", times=None)
    async with client() as teamup:
        failed = await teamup.pull(requests, into=f"xlsx:{place}")
        before = place.read_bytes()
        sandbox.faults.rules.remove(rule)
        done = await teamup.pull(requests, into=f"xlsx:{place}")
        expected = [len(await teamup.stream(one).collect()) for one in _endpoints(requests)]
    book = openpyxl.load_workbook(place)

    assert [part.complete for part in failed.parts] == [False, False, False]
    assert "wait for other reports" in str(failed.parts[0].error)
    assert failed.parts[0].place is None
    assert before == b"old"
    assert done.ok, done.incomplete
    assert [part.stats.requests > 0 for part in done.parts] == [False, True, False]
    assert book.sheetnames == list(requests)
    assert [sheet.max_row - 1 for sheet in book] == expected
    assert [file.name for file in tmp_path.iterdir()] == ["all.xlsx"]


async def test_one_report_of_several(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """Who gives up on the other reports gets a workbook of the one that was read, without reading it again."""
    into = f"xlsx:{tmp_path / 'all.xlsx'}"
    sandbox.faults.add(faults.status(503), path="course_sessions", times=None)
    async with client() as teamup:
        failed = await teamup.pull({"venues": {}, "course_sessions": {}}, into=into)
        alone = await teamup.pull({"venues": {}}, into=into)

    assert not failed.ok
    assert alone.ok, alone.incomplete
    assert alone.parts[0].stats.requests == 0
    assert openpyxl.load_workbook(tmp_path / "all.xlsx").sheetnames == ["venues"]


def _endpoints(names: Any) -> list[Any]:
    from teamup_async import endpoint_named

    return [endpoint_named(name) for name in names]


def test_a_sheet_that_waits(tmp_path: Path) -> None:
    """A sheet that was ready when a run ended is in the workbook that a later run writes."""
    targets = [Target(name="a"), Target(name="b", account="north")]
    state: dict[str, Any] = {"parts": {"a": {}, "b": {}}, "targets": {"a": {}, "north/b": {}}}

    def opened() -> Xlsx:
        sink = Xlsx(tmp_path / "x.xlsx")
        sink.open(targets)
        return sink

    sink = opened()
    for part in ("a", "b"):
        batch = sink.batch(SCHEMA)
        batch.add([Sale(text=part)])
        sink.append(part, batch, state)
    sink.publish(targets[0], SCHEMA, ["a"], state)
    sink.close()
    there = (tmp_path / "x.xlsx").exists()
    sink = opened()
    sink.publish(targets[1], SCHEMA, ["b"], state)
    sink.save({})
    sink.close()
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")

    assert not there
    assert book.sheetnames == ["a", "north b"]
    assert [sheet["G2"].value for sheet in book] == ["a", "b"]
    assert [file.name for file in tmp_path.iterdir()] == ["x.xlsx"]


def test_valid_xml(tmp_path: Path) -> None:
    """The parts of the workbook are whole XML, and the sheet says that its formulas are none."""
    place = publish(Xlsx(tmp_path), SCHEMA, [Sale(text="=1+1")])
    with zipfile.ZipFile(place) as archive:
        assert archive.testzip() is None
        text = archive.read("xl/worksheets/sheet1.xml").decode()

    assert "<f>" not in text
    assert "<t>=1+1</t>" in text


async def test_in_an_object_store(client, tmp_path: Path) -> None:
    """A workbook of several reports appears in an object store, too, and nothing else is left there."""
    async with client() as teamup:
        result = await teamup.pull(
            {"venues": {}, "memberships": {}}, into=f"xlsx:{store().place(tmp_path)}/all.xlsx", names="snake"
        )
        place = result.parts[0].place
    copied = store().copy(tmp_path)

    assert result.ok, result.incomplete
    assert place is not None
    assert place.endswith("/all.xlsx")
    assert openpyxl.load_workbook(copied / "all.xlsx").sheetnames == ["venues", "memberships"]
    assert [file.name for file in copied.iterdir()] == ["all.xlsx"]
