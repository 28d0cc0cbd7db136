"""Values and progress as people read them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from teamup_async.cli.tables import text_of
from teamup_async.objects import Money, Named


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
    from teamup_async.cli.progress import Reading, describe
    from teamup_async.stats import Stats

    assert describe(Reading(), 0.0) == "0 rows · 0 requests"
    stats = Stats(rows=2_000, requests=21, retries=2, waited=75.2, total=8_000)
    reading = Reading(rows=2_000, total=8_000, stats=stats)
    assert describe(reading, 20.0, left=60.0) == (
        "2,000 of 8,000 rows · 100 a second · 1 min 00 s left · 21 requests · 2 retries · "
        "waited 1 min 15 s for the quota"
    )
    assert describe(reading, 20.0, idle=5.0).endswith("2 retries · waiting for the quota or an answer, 5 s")
    done = Reading(rows=8, total=8, stats=Stats(rows=8, requests=1, total=8))
    assert describe(done, 1.0, idle=9.0) == "8 of 8 rows · 1 request"


def test_time_left_knows_the_quota() -> None:
    """Time left counts the minutes that the quota makes a pull wait: the speed of the first burst says nothing."""
    from teamup_async.cli.progress import Reading, seconds_left
    from teamup_async.stats import Stats

    burst = Reading(rows=25_000, total=60_000, stats=Stats(rows=25_000, requests=250))
    assert seconds_left([burst], 2.0, None) == pytest.approx(2.8)
    assert seconds_left([burst], 2.0, 250) == pytest.approx(118.0)  # 600 requests: the third minute
    assert seconds_left([burst], 50.0, 250) == pytest.approx(70.0)
    two = [burst, Reading(rows=0, total=20_000, stats=Stats(requests=1))]
    assert seconds_left(two, 2.0, 250) == pytest.approx(178.0)
    assert seconds_left([burst, Reading()], 2.0, 250) is None  # no total yet
    assert seconds_left([Reading(rows=8, total=8, stats=Stats(rows=8, requests=1))], 1.0, 250) == 0.0
    assert seconds_left([], 0.0, 250) is None
