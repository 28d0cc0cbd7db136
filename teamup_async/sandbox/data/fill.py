"""Tables whose rows are drawn in Python: customers, classes, course sessions."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, Final

from . import words
from .clock import FUTURE_DAYS, PAST_DAYS, milliseconds, utc_offset
from .maker import Maker
from .sizes import Sizes

_HOURS: Final = (6.5, 7.0, 9.5, 10.0, 12.25, 17.5, 18.0, 18.5, 19.5)
_MINUTES: Final = (30, 45, 60, 60, 90)
_WEEKS: Final = 6
_FAMILY: Final = 3
_SEATS: Final = (4, 8, 12, 16)
"""What the events of a group have taken; see `sizes.FIRST_OF_EVENT`."""
_DAY_MS: Final = 86_400_000
Rows = Iterator[Mapping[str, Any]]


def customers(maker: Maker) -> Rows:
    """Everybody who ever books, there since shortly before their first class."""
    maker.need("attendances")
    first = dict(
        maker.connection.execute(
            "SELECT a.customer_id, min(e.starts_at) FROM attendances a JOIN events e ON e.id = a.event_id"
            " WHERE a.is_first_attendance GROUP BY a.customer_id"
        )
    )
    names, own = maker.random("names"), maker.random("customers")
    venues, teachers = list(maker.studio.venues.values()), list(maker.studio.instructors)
    sources = list(maker.studio.more["lead_sources"])
    surname_of: dict[int, str] = {}
    joined: list[int] = []
    for number in range(maker.sizes.customers):
        key = maker.ids.customers(number)
        name = words.full_name(names)
        forename, _, surname = name.partition(" ")
        eldest = number - number % 7  # the first of seven, who has a family with the next two
        surname = surname_of.setdefault(eldest, surname) if number % 7 < _FAMILY else surname
        name = f"{forename} {surname}"
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        handle = plain.lower().replace(" ", ".").replace("'", "")
        venue = own.choice(venues)
        created = min(first.get(key, maker.present), maker.present) - own.randrange(_DAY_MS, 120 * _DAY_MS)
        family = maker.ids.customers(eldest) + 500_000 if number % 7 < _FAMILY else None
        child = family is not None and number != eldest
        contact = words.full_name(own) if own.random() < 0.6 else None
        yield {
            "id": key,
            "name": name,
            "email": f"{handle}{number}@example.com",
            "first_name": forename,
            "last_name": surname,
            "created_at": created,
            "deleted_at": None,
            "date_of_birth": _birthday(
                maker.today, own.randrange(5, 18) if child else own.randrange(25, 75), number
            ),
            "phone_number": f"+44 7700 90{own.randrange(10_000):04}",
            "gender": own.choice(("female", "male", "other", None)),
            "address_first_line": f"{own.randrange(1, 200)} {own.choice(words.STREETS)}",
            "address_city": venue["physical_address"]["city"] if venue["physical_address"] else "Bristol",
            "address_country": venue["physical_address"]["country"] if venue["physical_address"] else "GB",
            "address_postal_code": f"{own.randrange(10_000, 99_999)}",
            "is_claimed": own.random() < 0.8,
            "is_lead": False,
            "registration_blocked": own.random() < 0.04,
            "referral_code": f"R{key:X}",
            "family_id": family,
            "family_role": None if family is None else "child" if child else "manager",
            "venue_id": venue["id"],
            "instructor_id": own.choice([*teachers, None]),
            "lead_source_id": own.choice([*sources, None]),
            "referring_member_id": _referrer(maker, own, joined, created) if number % 6 == 5 else None,
            "emergency_contact_name": contact,
            "emergency_contact_phone": f"+44 7700 91{own.randrange(10_000):04}" if contact else None,
        }
        joined.append(created)


def _birthday(today: date, years: int, number: int) -> str:
    return (today - timedelta(days=years * 365.25 + number * 37 % 365)).isoformat()


def _referrer(maker: Maker, own: Random, joined: list[int], created: int) -> int | None:
    """Somebody who was a customer before."""
    number = own.randrange(len(joined))
    return maker.ids.customers(number) if joined[number] < created else None


def _starts(day: date, hour: float, zone: str) -> tuple[int, str]:
    """UTC milliseconds and local text of a start at a venue's wall clock."""
    local = datetime.combine(day, time()) + timedelta(hours=hour)
    utc = (local - utc_offset(zone, day)).replace(tzinfo=UTC)
    return milliseconds(utc), local.isoformat()


def events(maker: Maker) -> Rows:
    """Classes and appointments of two years and a month, and a few that were cancelled."""
    sizes, rng, own, today = maker.sizes, maker.random("classes"), maker.random("changes"), maker.today
    first_day = today - timedelta(days=PAST_DAYS + 1)
    kinds = dict(words.OFFERINGS)
    offerings = [o for o in maker.studio.offering_types.values() if kinds[o["name"]] != "course"]
    venues, teachers = list(maker.studio.venues.values()), list(maker.studio.instructors)
    start, end = sizes.events
    days = [
        (n, first_day + timedelta(days=n * PAST_DAYS // sizes.past_events)) for n in range(sizes.past_events)
    ]
    days += [
        (n, today + timedelta(days=1 + (n - start) * FUTURE_DAYS // (end - start))) for n in range(start, end)
    ]
    cancelled = [(end + 1 + n, day) for n, (_, day) in enumerate(days[::12])]
    closed = {date.fromisoformat(one["closure_date"]) for one in maker.studio.more["closures"].values()}
    for number, planned in (*days, *cancelled):
        day = planned + timedelta(days=planned in closed)
        offering, venue = rng.choice(offerings), rng.choice(venues)
        starts_at, local = _starts(day, rng.choice(_HOURS), venue["timezone"])
        teacher, second = rng.sample(teachers, 2)
        ends_at = starts_at + rng.choice(_MINUTES) * 60_000
        yield {
            "id": maker.ids.events(number),
            "name": offering["name"],
            "type": kinds[offering["name"]],
            "starts_at": starts_at,
            "ends_at": ends_at,
            "local_start": local,
            "offering_type_id": offering["id"],
            "venue_id": venue["id"],
            "instructor_id": teacher,
            "second_id": second if rng.random() < 0.15 else None,
            "max_occupancy": max(rng.choice((12, 16, 20, 24)), _SEATS[number % len(_SEATS)]),
            "updated_at": min(ends_at, maker.present) - own.randrange(_DAY_MS),
            "status": "cancelled" if number > end else "active",
        }


def course_sessions(maker: Maker) -> Rows:
    """Courses of six weekly sessions."""
    sizes, rng = maker.sizes, maker.random("sessions")
    for course in maker.studio.courses.values():
        plan = course["plan"]
        for week in range(min(_WEEKS, sizes.course_sessions - plan["number"] * _WEEKS)):
            number = plan["number"] * _WEEKS + week
            starts_at, local = _starts(plan["day"] + timedelta(weeks=week), plan["hour"], plan["zone"])
            yield {
                "id": maker.ids.course_sessions(number),
                "name": course["name"],
                "starts_at": starts_at,
                "ends_at": starts_at + plan["minutes"] * 60_000,
                "local_start": local,
                "status": "cancelled" if rng.random() < 0.05 else "active",
                "waitlist_count": rng.choice((0, 0, 0, 0, 1, 3)),
                "max_occupancy": _pupils(sizes, number) or plan["seats"]
                if number % 10 == 3
                else plan["seats"],
                "venue_id": plan["venue"],
                "course_id": course["id"],
                "offering_type_id": course["offering_type"],
                "instructor_id": plan["teacher"],
                "second_id": plan["second"],
            }


def _pupils(sizes: Sizes, number: int) -> int:
    """How many come to a session (see `statements.course_session_attendances`), so that some are just full."""
    pupils, sessions = sizes.course_session_attendances, sizes.course_sessions
    return number * -pupils // sessions - (number + 1) * -pupils // sessions


def courses(maker: Maker) -> Rows:
    """The courses themselves."""
    return (
        {name: part for name, part in course.items() if name != "plan"}
        for course in maker.studio.courses.values()
    )


def plan_courses(maker: Maker) -> None:
    """Add the courses to the catalogue, each with the plan of its sessions."""
    sizes, rng, studio = maker.sizes, maker.random("courses"), maker.studio
    kinds = dict(words.OFFERINGS)
    offerings = [o for o in studio.offering_types.values() if kinds[o["name"]] == "course"]
    venues, teachers = list(studio.venues.values()), list(studio.instructors)
    courses = math.ceil(sizes.course_sessions / _WEEKS)
    first_day = maker.today - timedelta(days=PAST_DAYS)
    most = math.ceil(2 * sizes.course_session_attendances / max(1, sizes.course_sessions))
    for number in range(courses):
        offering, venue = rng.choice(offerings), rng.choice(venues)
        day = first_day + timedelta(days=number * (PAST_DAYS - 10) // courses)
        teacher, second = rng.sample(teachers, 2)
        key = maker.ids.courses(number)
        studio.courses[key] = {
            "id": key,
            "object": "course",
            "name": None if rng.random() < 0.1 else f"{offering['name']} {day:%B %Y}",
            "offering_type": offering["id"],
            "published": number % 5 > 0,
            "plan": {
                "number": number,
                "day": day,
                "hour": rng.choice(_HOURS),
                "minutes": rng.choice(_MINUTES),
                "zone": venue["timezone"],
                "venue": venue["id"],
                "teacher": teacher,
                "second": second if rng.random() < 0.2 else None,
                "seats": rng.choice((most, most, most + 2, most + 6, 0, None)),
            },
        }
