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
    from teamup_async.cli.progress import describe
    from teamup_async.stats import Stats

    assert describe(Stats(), 0, None, 0.0) == "0 rows · 0 requests"
    stats = Stats(rows=2_000, requests=21, retries=2, waited=75.2, total=8_000)
    assert describe(stats, 2_000, 8_000, 20.0, idle=5.0) == (
        "2,000/8,000 rows · 100/s · 1 min 00 s left · 21 requests · 2 retries · waited 1 min 15 s for the quota · "
        "waiting for the quota or an answer, 5 s"
    )
    assert describe(Stats(rows=8, requests=1, total=8), 8, 8, 1.0, idle=9.0) == "8/8 rows · 1 request"
