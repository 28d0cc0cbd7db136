"""Fill one account's tables from a seed: small tables are drawn here, the large ones by `statements`."""

from __future__ import annotations

import json
import math
import sqlite3
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Final

from ..data import statements, words
from .clock import FUTURE_DAYS, PAST_DAYS, milliseconds, utc_offset
from .schema import INDEXES, MOVED, TABLES
from .sizes import AccountIds, Sizes
from .studio import Studio, add_course, make_studio

_HOURS: Final = (6.5, 7.0, 9.5, 10.0, 12.25, 17.5, 18.0, 18.5, 19.5)
_MINUTES: Final = (30, 45, 60, 60, 90)
_WEEKS: Final = 6


def generate(connection: sqlite3.Connection, index: int, seed: int, sizes: Sizes, now: datetime) -> Studio:
    """Create and fill the tables of account `index`; returns its catalogue. `now` is the present."""
    present, today = milliseconds(now), now.astimezone(UTC).date()
    rng = Random(f"{seed}:{index}")
    ids = AccountIds.of(index)
    studio = make_studio(index, rng, today)
    connection.executescript(TABLES)
    with connection:
        _catalogue(connection, studio)
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?)", _customers(ids, sizes, rng))
        connection.executemany(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            _events(studio, ids, sizes, rng, today),
        )
        for start, end in ((0, sizes.attendances), (sizes.first_future, sizes.first_future + sizes.future)):
            connection.execute(statements.attendances(ids, seed + index, studio, range(start, end), present))
        connection.execute(statements.strikes(ids, seed + index, present))
        connection.executemany(
            f"INSERT INTO course_sessions VALUES ({', '.join('?' * 14)})",
            _course_sessions(studio, ids, sizes, rng, today),
        )
        if sizes.course_sessions and sizes.customers:
            connection.execute(
                statements.course_session_attendances(ids, seed + index, studio, sizes, present)
            )
    with connection:
        connection.executescript(INDEXES)
        connection.execute(statements.COUNT_ATTENDING)
        for statement in statements.instructed_sessions(ids, seed + index, studio, present):
            connection.execute(statement)
    connection.create_function("local_time", 2, partial(_local_time, studio), deterministic=True)
    for table in ("events", "course_sessions"):
        connection.executescript(MOVED.format(table=table))
    return studio


def _local_time(studio: Studio, starts_at: int, venue: int) -> str:
    utc = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=starts_at)
    return (utc + utc_offset(studio.venues[venue]["timezone"], utc.date())).replace(tzinfo=None).isoformat()


def _catalogue(connection: sqlite3.Connection, studio: Studio) -> None:
    connection.executemany(
        "INSERT INTO venues VALUES (?, ?, ?)",
        [(key, venue["name"], venue["timezone"]) for key, venue in studio.venues.items()],
    )
    connection.executemany(
        "INSERT INTO instructors VALUES (?, ?, ?)",
        [(key, person["name"], person["picture_url"]) for key, person in studio.instructors.items()],
    )
    connection.executemany(
        "INSERT INTO offering_types VALUES (?, ?)",
        [(key, offering["name"]) for key, offering in studio.offering_types.items()],
    )
    connection.executemany(
        "INSERT INTO memberships VALUES (?, ?, ?)",
        [(key, membership["name"], membership["type"]) for key, membership in studio.memberships.items()],
    )
    connection.executemany("INSERT INTO booking_sources VALUES (?, ?)", studio.booking_sources.items())
    connection.executemany(
        "INSERT INTO pay_rates VALUES (?, ?, ?, ?, ?, ?)",
        [
            (key, rate["name"], rate["type"], rate["base"], rate["pence"], json.dumps(rate["tiers"]))
            for key, rate in studio.pay_rates.items()
        ],
    )


def _customers(ids: AccountIds, sizes: Sizes, rng: Random) -> Iterator[tuple[int, str, str]]:
    for number in range(sizes.customers):
        name = words.full_name(rng)
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        handle = plain.lower().replace(" ", ".").replace("'", "")
        yield ids.customers(number), name, f"{handle}{number}@example.com"


def _starts(day: date, hour: float, zone: str) -> tuple[int, str]:
    """UTC milliseconds and local text of a start at a venue's wall clock."""
    local = datetime.combine(day, time()) + timedelta(hours=hour)
    utc = (local - utc_offset(zone, day)).replace(tzinfo=UTC)
    return milliseconds(utc), local.isoformat()


def _events(
    studio: Studio, ids: AccountIds, sizes: Sizes, rng: Random, today: date
) -> Iterator[tuple[object, ...]]:
    first_day = today - timedelta(days=PAST_DAYS + 1)
    kinds = dict(words.OFFERINGS)
    offerings = [o for o in studio.offering_types.values() if kinds[o["name"]] != "course"]
    venues, teachers = list(studio.venues.values()), list(studio.instructors)
    start, end = sizes.events
    numbers = [
        (n, first_day + timedelta(days=n * PAST_DAYS // sizes.past_events)) for n in range(sizes.past_events)
    ]
    numbers += [
        (n, today + timedelta(days=1 + (n - start) * FUTURE_DAYS // (end - start))) for n in range(start, end)
    ]
    for number, day in numbers:
        offering, venue = rng.choice(offerings), rng.choice(venues)
        starts_at, local = _starts(day, rng.choice(_HOURS), venue["timezone"])
        teacher, second = rng.sample(teachers, 2)
        yield (
            ids.events(number),
            offering["name"],
            kinds[offering["name"]],
            starts_at,
            starts_at + rng.choice(_MINUTES) * 60_000,
            local,
            offering["id"],
            venue["id"],
            teacher,
            second if rng.random() < 0.15 else None,
            rng.choice((12, 16, 20, 24)),
        )


def _course_sessions(
    studio: Studio, ids: AccountIds, sizes: Sizes, rng: Random, today: date
) -> Iterator[tuple[object, ...]]:
    kinds = dict(words.OFFERINGS)
    offerings = [o for o in studio.offering_types.values() if kinds[o["name"]] == "course"]
    venues, teachers = list(studio.venues.values()), list(studio.instructors)
    courses = math.ceil(sizes.course_sessions / _WEEKS)
    first_day = today - timedelta(days=PAST_DAYS)
    for number in range(courses):
        offering, venue = rng.choice(offerings), rng.choice(venues)
        day = first_day + timedelta(days=number * (PAST_DAYS - 10) // courses)
        name = None if rng.random() < 0.1 else f"{offering['name']} {day:%B %Y}"
        add_course(studio, ids.courses(number), name, offering["id"])
        hour, minutes = rng.choice(_HOURS), rng.choice(_MINUTES)
        teacher, second = rng.sample(teachers, 2)
        assisted, places = rng.random() < 0.2, rng.choice((8, 10, 12, 16, 0, None))
        for week in range(min(_WEEKS, sizes.course_sessions - number * _WEEKS)):
            starts_at, local = _starts(day + timedelta(weeks=week), hour, venue["timezone"])
            yield (
                ids.course_sessions(number * _WEEKS + week),
                name,
                starts_at,
                starts_at + minutes * 60_000,
                local,
                "cancelled" if rng.random() < 0.05 else "active",
                0,
                rng.choice((0, 0, 0, 0, 1, 3)),
                places,
                venue["id"],
                ids.courses(number),
                offering["id"],
                teacher,
                second if assisted else None,
            )
