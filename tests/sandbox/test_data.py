"""The data: plausible, consistent, the same for the same seed."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.sandbox import Sandbox
from teamup_async.sandbox.data.clock import NOW, Present, milliseconds, timeframe, utc_offset
from teamup_async.sandbox.data.shape import prune, shaper
from teamup_async.sandbox.data.sizes import Ids, Sizes
from teamup_async.sandbox.data.store import Store

ZONES = ["Europe/London", "Europe/Berlin", "America/New_York", "America/Denver", "America/Phoenix"]


@pytest.fixture(scope="module")
def store() -> Any:
    """5000 attendances."""
    made = Store(0, 7, Sizes.for_rows(5000), Present(NOW))
    yield made
    made.close()


def one(store: Store, statement: str) -> Any:
    [(value,)] = store.read(statement)
    return value


def test_sizes(store: Store) -> None:
    """As many past attendances as asked for, everything else in proportion."""
    past = f"FROM attendances a JOIN events e ON e.id = a.event_id WHERE e.starts_at <= {milliseconds(NOW)}"

    assert one(store, f"SELECT count(*) {past}") == 5000
    assert one(store, "SELECT count(*) FROM attendances") == 5200
    assert one(store, "SELECT count(*) FROM course_sessions") == 100
    assert one(store, "SELECT count(*) FROM course_session_attendances") == 1250
    assert one(store, "SELECT count(*) FROM customers") == one(
        store, "SELECT count(DISTINCT customer_id) FROM attendances"
    )


def test_odds(store: Store) -> None:
    """Most bookings are attended, by members, and checked in; some lack each."""
    shares = dict(store.read("SELECT status, count(*) / 5200.0 FROM attendances GROUP BY status"))

    assert 0.7 < shares["attended"] < 0.9
    assert set(shares) == {"attended", "registered", "no_show", "late_cancelled"}
    assert 0.1 < one(store, "SELECT avg(customer_membership_id IS NULL) FROM attendances") < 0.4
    assert (
        0.02 < one(store, "SELECT avg(checkin_at IS NULL) FROM attendances WHERE status = 'attended'") < 0.3
    )
    assert one(store, "SELECT count(DISTINCT booking_source_id) FROM attendances") == 5


@pytest.mark.parametrize(
    "wrong",
    [
        "SELECT count(*) FROM attendances WHERE checkin_at IS NOT NULL AND status != 'attended'",
        "SELECT count(*) FROM attendances WHERE (booking_method = 'membership') != (membership_id IS NOT NULL)",
        "SELECT count(*) FROM attendances a LEFT JOIN events e ON e.id = a.event_id WHERE e.id IS NULL",
        "SELECT count(*) FROM attendances a LEFT JOIN customers c ON c.id = a.customer_id WHERE c.id IS NULL",
        "SELECT count(*) FROM (SELECT 1 FROM attendances GROUP BY customer_id HAVING sum(is_first_attendance) != 1)",
        "SELECT count(*) FROM (SELECT 1 FROM attendances GROUP BY event_id, customer_id HAVING count(*) > 1)",
        "SELECT count(*) FROM (SELECT 1 FROM attendances GROUP BY event_id HAVING count(*) > 16)",
        "SELECT count(*) FROM attendance_strikes s LEFT JOIN customers c ON c.id = s.customer_id WHERE c.id IS NULL",
        """SELECT count(*) FROM course_session_attendances a LEFT JOIN course_sessions s
        ON s.id = a.course_session_id WHERE s.id IS NULL""",
        """SELECT count(*) FROM course_session_attendances a LEFT JOIN customers c
        ON c.id = a.customer_id WHERE c.id IS NULL""",
        "SELECT count(*) FROM instructed_sessions WHERE (pay_rate_id IS NULL) != (pay IS NULL)",
        "SELECT count(*) FROM events WHERE ends_at <= starts_at OR instructor_id = second_id",
    ],
)
def test_consistent(store: Store, wrong: str) -> None:
    """Nothing contradicts itself."""
    assert one(store, wrong) == 0


def test_instructed_counts(store: Store) -> None:
    """What instructors taught counts those who came."""
    assert one(
        store,
        "SELECT sum(attended_count) FROM (SELECT DISTINCT starts_at, name, venue_id, attended_count"
        " FROM instructed_sessions WHERE session_type = 'class')",
    ) == pytest.approx(one(store, "SELECT count(*) FROM attendances WHERE status = 'attended'"), rel=0.02)


async def test_seeds(call: Any) -> None:
    """The same seed gives the same rows and tokens; another seed gives others."""
    seen: list[Any] = []
    for seed in (3, 3, 4):
        async with Sandbox(rows=120, seed=seed, rate=None) as sandbox:
            other = attrs.evolve(call, sandbox=sandbox)
            seen.append(
                (sandbox.token, await other.rows("attendances"), await other.sessions(expand="venue,course"))
            )

    assert seen[0] == seen[1]
    assert all(mine != others for mine, others in zip(seen[0], seen[2], strict=True))


@given(st.integers(0, 10**6), st.integers(1, 9))
def test_ids_ascend(number: int, step: int) -> None:
    """Ids ascend with gaps, by arithmetic that SQL can do."""
    ids = Ids(1000, step)

    assert ids(number) < ids(number + 1) <= ids(number) + 2 * step


@given(st.integers(0, 10**7))
def test_size_arithmetic(rows: int) -> None:
    """Future events follow past ones, and there is a customer for every attendance."""
    sizes = Sizes.for_rows(rows)
    start, end = sizes.events

    assert sizes.past_events <= start <= end
    assert sizes.first_future >= rows
    assert sizes.customers >= min(rows, 40)


@pytest.mark.parametrize("zone", ZONES)
def test_zones(zone: str) -> None:
    """The zones' fixed rules agree with the time zone database, where there is one."""
    try:
        rules = ZoneInfo(zone)
    except ZoneInfoNotFoundError:
        pytest.skip("no time zone database")
    for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(365 * 3)):
        assert utc_offset(zone, day) == datetime.combine(day, time(12), rules).utcoffset()


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-01-01", "2026-01-01"),
        ("yesterday", "2025-12-31", "2025-12-31"),
        ("this_month", "2026-01-01", "2026-01-31"),
        ("last_month", "2025-12-01", "2025-12-31"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("last_30_days", "2025-12-02", "2026-01-01"),
        ("last_2_weeks", "2025-12-18", "2026-01-01"),
        ("last_3_months", "2025-10-01", "2026-01-01"),
        ("next_7_days", "2026-01-01", "2026-01-07"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2024-02-03..2024-03-04", "2024-02-03", "2024-03-04"),
    ],
)
def test_timeframes(text: str, first: str, last: str) -> None:
    """The sandbox's own timeframe syntax: whole days, both ends included."""
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)
    end = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=1)

    assert timeframe(text, NOW) == (milliseconds(start), milliseconds(end))


@given(st.text() | st.from_regex(r"[a-z0-9_.-]{1,20}"))
def test_any_timeframe(text: str) -> None:
    """Any text is a timeframe or is not; a timeframe ends after it starts."""
    bounds = timeframe(text, NOW)

    assert bounds is None or bounds[0] < bounds[1]


def test_shapes() -> None:
    """Dotted paths nest; an object that may be lacking is None when all of it is; pruning keeps what is named."""
    shape = shaper(["a.b", "c", "d.e.f", "2025-01.x"], ["d"], flat=["2025-01.x"])

    assert shape([1, 2, None, 3]) == {"a": {"b": 1}, "c": 2, "d": None, "2025-01.x": 3}
    assert shape([1, 2, 4, 3])["d"] == {"e": {"f": 4}}
    assert prune({"a": [{"b": 1, "c": 2}], "d": 3}, ["a.b", "e"]) == {"a": [{"b": 1}]}


@pytest.mark.slow
def test_many() -> None:
    """A large studio has as many attendances as a small one by the same rules."""
    made = Store(0, 1, Sizes.for_rows(200_000), Present(NOW))
    try:
        assert one(made, "SELECT count(*) FROM attendances") == 208_000
    finally:
        made.close()
