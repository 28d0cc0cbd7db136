"""Charts with a name: they show what their reports say, in the terminal and as pictures."""

import json
import re
import struct
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest

from teamup_async.cli.charts.data import Counts
from teamup_async.cli.charts.figure import Size, figure
from teamup_async.cli.charts.named import CHARTS, Chart, chart_named
from teamup_async.cli.charts.ways import Reading
from teamup_async.cli.failures import OutputError
from teamup_async.endpoints import endpoint_named
from teamup_async.objects import Money

NAMES = [chart.name for chart in CHARTS]
SVG = "{http://www.w3.org/2000/svg}"


def bars(lines: Sequence[str]) -> dict[str, str]:
    """The labels of months in the terminal, and what stands behind their bars."""
    found = (re.match(r"(\d{4}-\d{2}) +[█▏▎▍▌▋▊▉ ]*(.*)$", line) for line in lines[3:])
    return {match[1]: match[2].strip() for match in found if match}


def pulled(teamup: Any, *arguments: str) -> list[dict[str, Any]]:
    """The rows of a report, as the command line pulls them."""
    ran = teamup("pull", *arguments, "--format", "jsonl", "-q")
    assert ran.code == 0, ran.err
    return [json.loads(line, parse_float=Decimal) for line in ran.lines]


def chart(name: str) -> Chart:
    found = chart_named(name)
    assert found is not None
    return found


def reading(name: str, rows: Sequence[Any], **more: Any) -> Reading:
    wanted = chart(name)
    source = wanted.source(endpoint_named(wanted.report))
    columns = list(wanted.way.columns)
    query = source.make_query({"columns": columns})
    plain = Reading(endpoint=source, query=query, rows=rows, title=wanted.title, zone=UTC)
    return attrs.evolve(plain, **more)


def drawn(name: str, rows: Sequence[Any], **more: Any) -> Counts:
    return chart(name).counts(reading(name, rows, **more))


POUNDS = Money(
    decimal=Decimal(0), iso_currency_code="gbp", currency_symbol="£", currency_symbol_position="before"
)
INVOICES = endpoint_named("invoices")


def invoice(amount: str | None, day: datetime | None = datetime(2025, 1, 9, tzinfo=UTC), **money: Any) -> Any:
    total = None if amount is None else attrs.evolve(POUNDS, decimal=Decimal(amount), **money)
    return INVOICES.row(paid_at=day, total_amount=total, is_credit_note=False)


def test_the_list(teamup: Any) -> None:
    """Without a name the charts are listed, a line of at most 80 letters each; the help has them too."""
    listed = teamup("chart")
    assert (listed.code, listed.err) == (0, "")
    told = teamup("chart", "--help").out
    for one in CHARTS:
        line = f"{one.name:24} {one.about}"
        assert line in listed.lines
        assert len(line) <= 78
        assert line in told


def test_their_own_help(teamup: Any) -> None:
    """Behind the name of a chart stand the filters of its report."""
    told = teamup("chart", "visits-by-hour", "--help").out
    assert "--offering-types" in told
    assert "--paid-at-gte" not in told


@pytest.mark.parametrize("name", NAMES)
def test_pictures(teamup: Any, tmp_path: Path, name: str) -> None:
    """Each is drawn as SVG and as PNG, wide or narrow, and says what it shows."""
    for width in (400, 1200):
        path = tmp_path / f"{width}.png"
        ran = teamup("chart", name, "-o", str(path), "--width", str(width), "--scale", "1")
        assert (ran.code, ran.out, ran.err) == (0, "", "")
        assert struct.unpack(">I", path.read_bytes()[16:20]) == (width,)
    assert teamup("chart", name, "-o", str(tmp_path / "a.svg"), "--width", "1200").code == 0
    tree = ET.fromstring((tmp_path / "a.svg").read_bytes())
    text = " ".join("".join(element.itertext()) for element in tree.iter(f"{SVG}text"))
    lines = teamup("chart", name).lines
    assert lines[0] in text
    assert lines[0].startswith(chart(name).title)
    assert lines[1] in text
    assert lines[-1] in text
    for label, told in bars(lines).items():
        assert f"{label} " in text
        assert told in text


def test_revenue(teamup: Any) -> None:
    """The sums of a month are those of its paid invoices, to the penny, in pounds; no month is missing."""
    rows = pulled(
        teamup,
        "invoices",
        "--status",
        "paid",
        "--columns",
        "paid_at,total_amount",
        "--paid-at-gte",
        "2024-03",
    )
    sums: dict[str, Decimal] = {}
    for row in rows:
        month = row["paid_at"][:7]
        sums[month] = sums.get(month, Decimal(0)) + row["total_amount"]["decimal"]
    ran = teamup("chart", "revenue-by-month", "--since", "2024-03")
    found = bars(ran.lines)
    assert ran.lines[0] == "Revenue by month in GBP"
    assert ran.lines[1].startswith(f"Since 1 Mar 2024, {min(sums)} to {max(sums)} · paid invoices")
    assert {
        month: Decimal(text.removeprefix("£").replace(",", ""))
        for month, text in found.items()
        if month in sums
    } == sums
    assert all(text == "£0.00" for month, text in found.items() if month not in sums)
    assert list(found) == sorted(found)
    assert f"£{sum(sums.values()):,.2f} in all, from {len(rows):,} invoices" in ran.out


def test_visits(teamup: Any) -> None:
    """The cells of a day add up to the attended rows of that day."""
    rows = pulled(
        teamup, "attendances.grouped", "--columns", "day_of_week,count", "--status", "attended",
        "--event-start-gte", "2024-06",
    )  # fmt: skip
    ran = teamup("chart", "visits-by-hour", "--since", "2024-06")
    sums = {
        words[0].lower(): sum(int(cell.replace(",", "")) for cell in words[1:] if cell != "·")
        for line in ran.lines
        if (words := line.split()) and words[0].endswith("day")
    }
    assert {day: count for day, count in sums.items() if count} == {
        row["day_of_week"]: row["count"] for row in rows
    }
    assert ran.lines[:2] == [
        "Visits by weekday and hour",
        "Since 1 Jun 2024 · attended, by the start of the event",
    ]


def test_members(teamup: Any) -> None:
    """Each month has the count that the pivot gives it; filters narrow it and are told."""
    (row,) = pulled(
        teamup, "customer-memberships.grouped", "--columns", "count", "--pivot", "active_by_month",
        "--max-pivot-columns", "12", "--types", "recurring",
    )  # fmt: skip
    del row["count"]
    ran = teamup("chart", "members-over-time", "--types", "recurring")
    found = bars(ran.lines)
    assert {month: int(found[month].replace(",", "")) for month in row} == row
    assert len(row) == 12
    assert ran.lines[1].startswith(f"{min(row)} to {max(row)} · Types: recurring · memberships")


def test_retention(teamup: Any) -> None:
    """The counts behind each share are those of the report."""
    rows = pulled(teamup, "customers.grouped", "--columns", "created_year,created_month,is_active,count")
    alls: Counter[str] = Counter()
    active: Counter[str] = Counter()
    for row in rows:
        month = f"{row['created_year']}-{row['created_month']:02}"
        alls[month] += row["count"]
        active[month] += row["count"] if row["is_active"] else 0
    found = bars(teamup("chart", "retention-by-join-month").lines)
    for month in alls:
        percent = 100 * active[month] / alls[month]
        assert found.pop(month) == f"{percent:.0f}% ({active[month]} of {alls[month]})"
    assert set(found.values()) <= {"0 of 0"}


def test_nothing_to_draw(teamup: Any, tmp_path: Path) -> None:
    """A stretch of time without rows is refused with a sentence, and no picture is written."""
    for name in ("revenue-by-month", "visits-by-hour", "retention-by-join-month"):
        ran = teamup("chart", name, "--since", "2090", "-o", str(tmp_path / "a.png"))
        assert ran.code == 1
        assert "there is nothing to draw: " in ran.err
        assert "Since 1 Jan 2090" in ran.err
    none = teamup("chart", "members-over-time", "--memberships", "999999999")
    assert none.code == 1
    assert "there is nothing to draw: Active memberships by month" in none.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("revenue-by-mont",),
            "There is no chart called 'revenue-by-mont'; did you mean 'revenue-by-month'?",
        ),
        (("revenue-by-month", "--by", "status"), "--by is set by the chart revenue-by-month: leave it out"),
        (("revenue-by-month", "--status", "open"), "--status is set by the chart revenue-by-month"),
        (
            ("members-over-time", "--set", "max_pivot_columns=3"),
            "--max-pivot-columns is set by the chart members-over-time",
        ),
        (("members-over-time", "--since", "2025"), "it can't be asked for a stretch of time"),
        (("--by", "status"), "name the grouped report"),
    ],
)
def test_mistakes(teamup: Any, arguments: tuple[str, ...], told: str) -> None:
    """What a chart decides itself can't be set, and mistakes are told before anything is asked for."""
    ran = teamup("chart", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_spellings_of_charts(teamup: Any) -> None:
    """Underscores do as well as dashes."""
    assert teamup("chart", "members_over_time").out == teamup("chart", "members-over-time").out


def test_missing_months_are_zero() -> None:
    """Months between the first and the last are there although nobody paid; what has no month is a bar too."""
    april = datetime(2025, 4, 2, tzinfo=UTC)
    counts = drawn("revenue-by-month", [invoice("3", april), invoice("4"), invoice("5", None)])
    assert counts.rows == ("2025-01", "2025-02", "2025-03", "2025-04", "No month")
    assert [counts.text(row) for row in counts.rows] == ["£4", "£0", "£0", "£3", "£5"]


def test_money_is_exact() -> None:
    """Ten times ten pence is a pound; amounts of three places keep them, and symbols stand where TeamUp puts them."""
    counts = drawn("revenue-by-month", [invoice("0.10")] * 10)
    assert counts.at("2025-01") == Decimal("1.00")
    assert counts.text("2025-01") == "£1.00"
    dinars: dict[str, Any] = {
        "iso_currency_code": "kwd",
        "currency_symbol": "KD",
        "currency_symbol_position": "after",
    }
    three = drawn("revenue-by-month", [invoice("1234.125", **dinars), invoice("-2000", **dinars)])
    assert three.title == "Revenue by month in KWD"
    assert three.text("2025-01") == "-765.875 KD"


def test_currencies_are_not_added() -> None:
    """Pounds and euros are no sum."""
    with pytest.raises(OutputError, match=r"amounts are in EUR and GBP, which can't be added up"):
        drawn("revenue-by-month", [invoice("1"), invoice("2", iso_currency_code="eur")])


def test_what_is_no_revenue() -> None:
    """Credit notes are left out; invoices without an amount are told."""
    note = attrs.evolve(invoice("100"), is_credit_note=True)
    counts = drawn("revenue-by-month", [invoice("7"), note, invoice(None)])
    assert counts.at("2025-01") == 7
    assert counts.footer == "£7 in all, from 1 invoice; 1 without an amount not counted"


def test_months_of_a_zone() -> None:
    """A payment late on the last of a month belongs to the month of the zone, which the chart names."""
    late = invoice("7", datetime(2025, 1, 31, 23, 30, tzinfo=UTC))
    assert drawn("revenue-by-month", [late]).rows == ("2025-01",)
    there = drawn("revenue-by-month", [late], zone=timezone(timedelta(hours=2)))
    assert there.rows == ("2025-02",)
    assert "months in UTC+02:00" in there.subtitle


def test_periods_that_are_no_months() -> None:
    """Keys of a pivot that are no months keep the order in which they came."""
    row = endpoint_named("customer-memberships.grouped").row(counts={"Mar": 3, "Jan": 1, "Feb": None})
    counts = drawn("members-over-time", [row])
    assert counts.rows == ("Mar", "Jan", "Feb")
    assert [counts.at(label) for label in counts.rows] == [3, 1, 0]


def test_months_that_a_pivot_leaves_out() -> None:
    """A month that TeamUp did not count is not said to have had none."""
    row = endpoint_named("customer-memberships.grouped").row(counts={"2025-03": 3, "2025-01": 0})
    counts = drawn("members-over-time", [row])
    assert [(label, counts.text(label)) for label in counts.rows] == [
        ("2025-01", "0"),
        ("2025-02", "not counted"),
        ("2025-03", "3"),
    ]


def test_nobody_is_active() -> None:
    """Months in which nobody stayed are drawn: none is an answer, and no rows are another."""
    row = endpoint_named("customers.grouped").row(
        created_year=2025, created_month=3, is_active=False, count=4
    )
    counts = drawn("retention-by-join-month", [row])
    assert counts.text("2025-03") == "0% (0 of 4)"
    assert figure(lambda _: counts, "png", Size())[:4] == b"\x89PNG"


def test_the_most_months() -> None:
    """A limit keeps the largest months, in their order, and says how many are not shown."""
    rows = [invoice(str(n), datetime(2025, n, 1, tzinfo=UTC)) for n in (5, 1, 3)]
    counts = drawn("revenue-by-month", rows, most=2)
    assert counts.rows == ("2025-03", "2025-05")
    assert counts.footer == "£9 in all, from 3 invoices; 3 smaller groups are not shown"
