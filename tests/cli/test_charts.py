"""Charts: what they show, how they arrange it, and that they can be read at any size and in any language."""

import io
import struct
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from teamup_async.cli.charts.data import BINS, Counts, arrange
from teamup_async.cli.charts.figure import Size, figure
from teamup_async.cli.charts.terminal import fitted, heat_table, show
from teamup_async.cli.charts.words import column_words, query_words, report_words, value_words
from teamup_async.cli.failures import OutputError
from teamup_async.endpoints import endpoint_named

STRIKES = endpoint_named("attendance-strikes.grouped")
CHART = ("chart", "attendance-strikes.grouped")
SVG = "{http://www.w3.org/2000/svg}"
TIMES = ("day_of_week", "event.start_time")


def strike(
    count: int | None = 1, *, venue: str | None = None, start: str | None = None, **fields: Any
) -> Any:
    empty = STRIKES.row()
    event = attrs.evolve(empty.event, venue=attrs.evolve(empty.event.venue, name=venue), start_time=start)
    return STRIKES.row(event=event, count=count, **fields)


def by_venue(*rows: Any, **more: Any) -> Counts:
    return arrange(STRIKES, ("event.venue.name",), rows, **more)


def drawn(counts: Counts, **size: Any) -> bytes:
    return figure(lambda _: counts, "png", Size(**size))


def words_of(counts: Counts) -> str:
    """All text of a chart, as SVG has it."""
    tree = ET.fromstring(figure(lambda _: counts, "svg", Size()))
    return " ".join("".join(element.itertext()) for element in tree.iter(f"{SVG}text"))


def on_screen(counts: Any, width: int) -> str:
    """What a terminal of that width shows."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=width)
    show(counts if callable(counts) else lambda _: counts, console)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("event.venue.name", "Venue"),
        ("customer.email", "Customer email"),
        ("day_of_week", "Day of week"),
        ("event.start_time", "Start time"),
        ("status", "Status"),
    ],
)
def test_columns_in_words(path: str, words: str) -> None:
    """Columns are called what people call them."""
    assert column_words(path) == words


def test_values_in_words() -> None:
    """Codes become words; what people wrote stays as it is, and can't steer a terminal."""
    assert value_words("status", "in_penalty_sequence") == "In penalty sequence"
    assert value_words("venue.name", "north_hall") == "north_hall"
    assert value_words("event.venue.name", None) == "No venue"
    assert value_words("venue.name", "a\x1b[31m") == "a [31m"


def test_what_is_shown() -> None:
    """The title names report and dimensions, the line below it the stretch of time and every filter."""
    query = STRIKES.query(
        columns=["count"],
        status=["open", "in_penalty_sequence"],
        venues=[1, 2, 3, 4, 5],
        event_starts_at_gte=datetime(2025, 1, 1, tzinfo=UTC),
        event_starts_at_lte=datetime(2025, 1, 31, 23, 59, 59, tzinfo=UTC),
    )
    assert report_words(STRIKES) == "Attendance strikes"
    line = query_words(STRIKES, query)
    assert line.startswith("1 Jan 2025 to 31 Jan 2025 · ")
    assert "Status: open, in penalty sequence" in line
    assert "Venues: 1, 2, 3, 4 and 1 more" in line
    assert query_words(STRIKES, STRIKES.query(columns=["count"])) == "All time"
    later = STRIKES.query(columns=["count"], event_starts_at_gte=datetime(2025, 1, 1, 9, 30, tzinfo=UTC))
    assert query_words(STRIKES, later) == "Since 1 Jan 2025 09:30"


def test_hours_are_even() -> None:
    """Times go into bins of an hour, with those between the first and the last although nothing was counted."""
    rows = [strike(2, start="06:15:00", day_of_week="tuesday"), strike(3, start="06:45", day_of_week="monday"),
            strike(4, start="9:00", day_of_week="monday")]  # fmt: skip
    counts = arrange(STRIKES, TIMES, rows)
    assert counts.columns == ("06:00", "07:00", "08:00", "09:00")
    assert counts.rows == ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    assert (counts.at("Monday", "06:00"), counts.at("Tuesday", "06:00"), counts.at("Monday", "07:00")) == (
        3,
        2,
        0,
    )
    coarse = arrange(STRIKES, TIMES, rows, hours=3)
    assert coarse.columns == ("06-09 h", "09-12 h")
    assert coarse.at("Monday", "09-12 h") == 4


@given(
    st.lists(st.tuples(st.integers(0, 23), st.integers(0, 59), st.integers(0, 99)), min_size=1),
    st.sampled_from(BINS),
)
def test_no_count_is_lost(found: list[tuple[int, int, int]], hours: int) -> None:
    """However times are binned, the counts add up to what was counted, and bins follow each other without a gap."""
    rows = [strike(count, start=f"{hour:02}:{minute:02}:00") for hour, minute, count in found]
    counts = arrange(STRIKES, ("event.start_time",), rows, hours=hours)
    assert counts.total == sum(count for _, _, count in found)
    firsts = [int(label[:2]) for label in counts.rows]
    assert firsts == list(range(firsts[0], firsts[-1] + 1, hours))


def test_no_value_has_a_label() -> None:
    """What has no value is a group of its own, and months between the first and last are there."""
    counts = by_venue(strike(1, venue="A"), strike(2))
    assert counts.rows == ("No venue", "A")
    months = arrange(STRIKES, ("status",), [strike(status="2024-11"), strike(status="2025-02")])
    assert months.rows == ("2024-11", "2024-12", "2025-01", "2025-02")


def test_what_is_left_out_is_told() -> None:
    """The footer is a sentence: the sum, and how many groups are not drawn."""
    rows = [strike(n, venue=f"v{n}") for n in range(60)]
    assert (
        by_venue(*rows, most=10).footer == "1,770 in all; 50 smaller groups with 1,225 together are not shown"
    )
    assert by_venue(*rows, most=59).footer == "1,770 in all; 1 smaller group with 0 is not shown"
    assert by_venue(*rows, most=60).footer == "1,770 in all"
    money = attrs.evolve(by_venue(strike(1, venue="a")), cells={("a", ""): Decimal("1234.50")})
    assert money.footer == "1,234.50 in all"


NAMES = (
    "São Paulo",
    "López & Söhne",
    "Zoë <b>",
    "Łódź",
    "Γυμναστήριο",
    "Йога",
    "$5 or $6",
    "a_b^c \\frac",
    "A" * 200,
)


@pytest.mark.parametrize(
    "size", [{}, {"width": 300}, {"width": 1600, "height": 900}, {"height": 250}], ids=str
)
def test_letters_of_all_sorts(size: dict[str, int]) -> None:
    """Names with accents, other alphabets, markup and formulas are drawn, at any size."""
    counts = by_venue(*(strike(n + 1, venue=name) for n, name in enumerate(NAMES)))
    png = drawn(counts, scale=1, **size)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert abs(width - size.get("width", width)) <= 1
    assert abs(height - size.get("height", height)) <= 1
    text = words_of(counts)
    for name in NAMES[:-1]:
        assert name in text
    assert "…" in text


def test_a_letter_that_no_font_has() -> None:
    """Where no font has a letter the message says which and what to do; no picture with boxes is written."""
    with pytest.raises(OutputError, match=r"no font here has the letter .*install the Noto fonts"):
        drawn(by_venue(strike(1, venue="\U0001f9ff\u1a20")))


def test_a_picture_says_what_it_shows() -> None:
    """A picture has title, filters, every label and number, and the sum; two drawings of the same are the same."""
    rows = [
        strike(1234, start="06:15:00", day_of_week="tuesday"),
        strike(5, start="08:00", day_of_week="friday"),
    ]
    counts = arrange(STRIKES, TIMES, rows, query=STRIKES.query(columns=["count"], status=["open"]))
    text = words_of(counts)
    for part in ("Attendance strikes by day of week and start time", "All time · Status: open", "Tuesday", "06:00",
                 "07:00", "1,234", "1,239 in all"):  # fmt: skip
        assert part in text
    assert drawn(counts) == drawn(counts)


def test_narrow_pictures_have_coarser_bins() -> None:
    """A heat map that is asked to be narrow has bins of more hours instead of labels that overlap."""
    rows = [strike(9, start=f"{hour:02}:00", day_of_week="monday") for hour in range(5, 22)]
    asked: list[int] = []

    def arranged(hours: int) -> Counts:
        asked.append(hours)
        return arrange(STRIKES, TIMES, rows, hours=hours)

    figure(arranged, "png", Size(width=420))
    assert asked[-1] > 1
    asked.clear()
    figure(arranged, "png", Size())
    assert asked == [1]


@pytest.mark.parametrize("width", [30, 50, 80, 200])
def test_bars_fit_a_terminal(width: int) -> None:
    """Bars, labels and numbers fit any terminal; every number is there."""
    counts = by_venue(*(strike((n + 1) * 1000, venue=name) for n, name in enumerate(NAMES)))
    lines = on_screen(counts, width).splitlines()
    assert max(map(cell_len, lines)) <= width
    for n in range(len(NAMES)):
        assert f"{(n + 1) * 1000:,}" in "\n".join(lines)
    assert "█" in "\n".join(lines)


@pytest.mark.parametrize("width", [40, 50, 80, 200])
def test_heat_maps_fit_a_terminal(width: int) -> None:
    """A heat map of hours fits by coarser bins, and loses no count by that."""
    rows = [
        strike(n, start=f"{n % 24:02}:00", day_of_week=day) for n in range(48) for day in ("monday", "friday")
    ]

    def arranged(hours: int) -> Counts:
        return arrange(STRIKES, TIMES, rows, hours=hours)

    text = on_screen(arranged, width)
    assert max(map(cell_len, text.splitlines())) <= max(
        width, len("Attendance strikes by day of week and start time")
    )
    assert fitted(arranged, width).total == sum(range(48)) * 2
    assert fitted(arranged, width).left_out == 0


def test_columns_that_do_not_fit() -> None:
    """Other columns are left out, the smallest first, and told."""
    rows = [strike(n, status=f"s{n}", day_of_week=day) for n in range(12) for day in ("monday", "friday")]
    counts = arrange(STRIKES, ("day_of_week", "status"), rows)
    narrow = fitted(lambda _: counts, 45)
    assert set(narrow.columns) < set(counts.columns)
    assert "S11" in narrow.columns
    assert narrow.total == counts.total
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=45)
    console.print(heat_table(narrow))
    assert "…" not in console.file.getvalue()  # type: ignore[attr-defined]
    assert fitted(lambda _: counts, 1).columns == ("S11",)


def test_chart_in_the_terminal(teamup: Any, sandbox: Any) -> None:
    """Bars for one column, a heat map for two; filters stand right behind the report, and the chart says them."""
    bars = teamup(*CHART, "--status", "open", "--by", "venue_name")
    assert (bars.code, bars.err) == (0, "")
    assert bars.lines[0] == "Attendance strikes by venue"
    assert "Status: open" in bars.lines[1]
    assert sandbox.log[-1].values("status") == ["open"]
    heat = teamup(
        *CHART, "--by", "day_of_week", "--by", "event_start_time", "--since", "2024", "--until", "2024"
    )
    assert heat.lines[1] == "1 Jan 2024 to 31 Dec 2024"
    body = [line.split() for line in heat.lines if line.split()[:1] and line.split()[0].endswith("day")]
    assert [line[0] for line in body] == [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ]
    total = sum(int(cell.replace(",", "")) for line in body for cell in line[1:] if cell != "·")
    assert f"{total:,} in all" in heat.out


def test_chart_files(teamup: Any, tmp_path: Path) -> None:
    """The ending of the file decides; nothing is printed, and the size is what was asked for."""
    for name in ("a.svg", "a.png", "A.PNG"):
        ran = teamup(*CHART, "--by", "status", "-o", str(tmp_path / name), "--width", "500", "--scale", "1")
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert struct.unpack(">I", (tmp_path / "a.png").read_bytes()[16:20]) == (500,)
    assert ET.fromstring((tmp_path / "a.svg").read_bytes()).tag == f"{SVG}svg"


def test_nothing_to_draw(teamup: Any, tmp_path: Path) -> None:
    """Where there are no rows there is no picture, and the message says of what."""
    ran = teamup(*CHART, "--by", "status", "--since", "2090", "-o", str(tmp_path / "a.png"))
    assert ran.code == 1
    assert "there is nothing to draw: Attendance strikes by status (Since 1 Jan 2090) has no rows" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*CHART, "--by", "status", "-o", "x.gif"), "--output must end in .svg or .png"),
        ((*CHART, "--by", "status", "--most", "0"), "--most must be 1 or more"),
        ((*CHART, "--by", "status", "--width", "9"), "--width must be 200 to 20000 pixels"),
        ((*CHART, "--by", "status", "--scale", "0"), "--scale must be 0.5 to 8"),
        ((*CHART, "--by", "status,status"), "--by has the same column twice"),
        ((*CHART, "--by", "status,day_of_week,customer_name"), "--by takes one column or two"),
        ((*CHART, "--by", "stats"), "did you mean 'status'"),
        ((*CHART, "--by", "customer"), "pick one of customer.id"),
        (("chart", "attendances", "--by", "status"), "not a grouped report"),
        (CHART, "--by is required"),
    ],
)
def test_mistakes(teamup: Any, arguments: tuple[str, ...], told: str) -> None:
    """Mistakes are named before anything is asked for."""
    ran = teamup(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
