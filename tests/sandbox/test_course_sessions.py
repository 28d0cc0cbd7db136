"""The list of course sessions: envelope, filters, order, `expand` and `fields`."""

from datetime import datetime, timedelta
from typing import Any, get_args, get_origin

import attrs
import pytest

from teamup_async.lists.objects.courses import Course, CourseSession
from teamup_async.lists.objects.instructors import Instructor
from teamup_async.lists.objects.offerings import OfferingType, OfferingTypeCategory
from teamup_async.lists.objects.venues import Venue, VenueRoom
from teamup_async.rows import expandable_paths
from teamup_async.sandbox import Sandbox

PATHS = expandable_paths(CourseSession)
DEFERRED = {
    "instructors": {"availability_schedules", "icalendar_links"},
    "offering_type": {"availability_schedule_offering_types", "memberships", "registration_timelines"},
}


def names(row_class: Any) -> list[str]:
    return [field.name for field in attrs.fields(row_class)]


async def test_envelope(call: Any, sandbox: Sandbox) -> None:
    """A page has count, next, previous and results; next and previous are URLs with the same filters."""
    first = (await call("/course_sessions", page_size=50, sort="start")).body
    last = (await call("/course_sessions", page_size=50, sort="start", page=3)).body

    assert list(first) == ["count", "next", "previous", "results"]
    assert (first["count"], len(first["results"]), first["previous"]) == (130, 50, None)
    assert first["next"] == f"{sandbox.url}/course_sessions?page_size=50&sort=start&page=2"
    assert (last["next"], len(last["results"])) == (None, 30)
    assert last["previous"].endswith("page=2")


@pytest.mark.parametrize("page", ["4", "0", "-1"])
async def test_no_such_page(call: Any, page: str) -> None:
    """A page before the first or past the last is a 404 with the code not_found."""
    answered = await call("/course_sessions", page_size=50, page=page)

    assert (answered.status, answered.body["code"]) == (404, "not_found")


async def test_an_empty_list(call: Any) -> None:
    """The first page of nothing is an empty page."""
    answered = await call("/course_sessions", course=1)

    assert answered.body == {"count": 0, "next": None, "previous": None, "results": []}


async def test_default_size(call: Any) -> None:
    """100 objects a page unless asked otherwise (guide "pagination")."""
    assert len((await call("/course_sessions")).body["results"]) == 100


async def test_order(call: Any) -> None:
    """`sort` takes start and -start; sessions that start together come by id."""
    forward = await call.sessions(sort="start")
    backward = await call.sessions(sort="-start")

    assert forward == sorted(forward, key=lambda s: (s["starts_at"], s["id"]))
    assert [s["starts_at"] for s in backward] == sorted((s["starts_at"] for s in forward), reverse=True)
    assert [s["id"] for s in await call.sessions()] == sorted(s["id"] for s in forward)


SINCE = "2025-02-03T10:00:00+00:00"
THEN = datetime.fromisoformat(SINCE)


def starts(session: Any) -> datetime:
    return datetime.fromisoformat(session["starts_at"])


def free(session: Any) -> bool:
    return not session["max_occupancy"] or session["attending_count"] < session["max_occupancy"]


FILTERS: list[tuple[str, Any, Any]] = [
    ("course", [8003, 8007], lambda s: s["course"]["id"] in (8003, 8007)),
    ("starts_at_gte", SINCE, lambda s: starts(s) >= THEN),
    ("starts_at_lte", SINCE, lambda s: starts(s) <= THEN),
    ("start_gte", SINCE, lambda s: starts(s) >= THEN),
    ("start_lte", SINCE, lambda s: starts(s) <= THEN),
    ("ends_at_gte", SINCE, lambda s: datetime.fromisoformat(s["ends_at"]) >= THEN),
    ("ends_at_lte", "2025-02-03", lambda s: s["ends_at"] <= "2025-02-03T00:00:00.000Z"),
    ("instructors", 1107, lambda s: 1107 in [i["id"] for i in s["instructors"]]),
    ("offering_types", [1399], lambda s: s["course"]["offering_type"] == 1399),
    ("status", ["cancelled"], lambda s: s["status"] == "cancelled"),
    ("venues", [1001, 1004], lambda s: s["venue"] in (1001, 1004)),
    ("occupancy_status", ["empty"], lambda s: s["attending_count"] == 0),
    ("occupancy_status", ["has_registrations"], lambda s: s["attending_count"] > 0),
    ("occupancy_status", ["not_full"], free),
    ("occupancy_status", ["full"], lambda s: not free(s)),
    ("occupancy_status", ["full", "empty"], lambda s: not free(s) or s["attending_count"] == 0),
]


@pytest.mark.parametrize(("name", "value", "holds"), FILTERS)
async def test_filters(session: Any, call: Any, name: str, value: Any, holds: Any) -> None:
    """Each filter gives exactly the sessions it is about."""
    async with Sandbox(rows=6000, course_sessions=130, rate=None) as sandbox:
        other = attrs.evolve(call, sandbox=sandbox)
        everything = await other.sessions(expand="instructors,course")
        expected = [found for found in everything if holds(found)]
        assert 0 < len(expected) < len(everything)
        assert await other.sessions(expand="instructors,course", **{name: value}) == expected


async def test_waitlist(call: Any, sandbox: Sandbox) -> None:
    """`has_waitlist` goes by a count that rows do not show."""
    [(expected,)] = sandbox.sql("SELECT count(*) FROM course_sessions WHERE waitlist_count > 0")

    assert len(await call.sessions(occupancy_status="has_waitlist")) == expected > 0


async def test_local_times(call: Any) -> None:
    """`local_starts_at_*` go by the wall clock of the venue, in summer and winter."""
    everything = await call.sessions(expand="venue")
    hours = {"Europe/London": 1, "Europe/Berlin": 2}
    summer = next(s for s in everything if "-07-" in s["starts_at"])
    local = (
        (starts(summer) + timedelta(hours=hours[summer["venue"]["timezone"]]))
        .replace(tzinfo=None)
        .isoformat()
    )

    found = await call.sessions(local_starts_at_gte=local, local_starts_at_lte=local)

    assert summer["id"] in [s["id"] for s in found]


async def test_unexpanded(call: Any) -> None:
    """Without `expand`: ids for objects, URLs for collections."""
    row = (await call("/course_sessions", page_size=1)).body["results"][0]

    assert list(row) == names(CourseSession)
    assert (type(row["venue"]), type(row["course"]), type(row["instructors"])) == (int, int, str)


@pytest.mark.parametrize("path", PATHS)
async def test_expand(call: Any, path: str) -> None:
    """Every expandable path, four levels deep at most, gives whole objects all the way down."""
    results = (await call("/course_sessions", expand=path, page_size=100)).body["results"]
    reached = False
    for row in results:
        here: list[Any] = [row]
        for name in path.split("."):
            here = [value for part in here for value in flat(part[name])]
            assert not any(isinstance(value, (int, str)) for value in here)
        reached = reached or bool(here)

    assert reached or path.endswith("integrations")
    assert len(path.split(".")) <= 4


def flat(value: Any) -> list[Any]:
    return [part for part in (value if isinstance(value, list) else [value]) if part is not None]


async def test_documented_objects(call: Any) -> None:
    """Expanded objects have all documented fields; deferred ones only on request."""
    plain = "venue.venue_rooms,instructors,course.offering_type.category,course.offering_type.instructors"
    rows = await call.sessions(expand=plain)
    offering = next(s["course"]["offering_type"] for s in rows if s["course"]["offering_type"]["category"])
    room = next(room for s in rows for room in s["venue"]["venue_rooms"])

    assert list(rows[0]["venue"]) == names(Venue)
    assert list(room) == names(VenueRoom)
    assert set(rows[0]["instructors"][0]) == set(names(Instructor)) - DEFERRED["instructors"]
    assert list(rows[0]["course"]) == names(Course)
    assert set(offering) == set(names(OfferingType)) - DEFERRED["offering_type"]
    assert list(offering["category"]) == names(OfferingTypeCategory)
    assert set(offering["instructors"][0]) == set(names(Instructor)) - DEFERRED["instructors"]


async def test_deferred_objects(call: Any) -> None:
    """Deferred fields hold what the documents describe, and nothing else."""
    deferred = [path for path in PATHS if path.rsplit(".", 1)[-1] in set().union(*DEFERRED.values())]
    row = (await call("/course_sessions", expand=",".join(deferred), page_size=1)).body["results"][0]

    fits(row, CourseSession)


def fits(value: Any, row_class: Any) -> None:
    hints = attrs.resolve_types(row_class)
    for field in attrs.fields(hints):
        if field.name in value and value[field.name] is not None:
            for member in get_args(field.type) or (field.type,):
                inner = get_args(member)[0] if get_origin(member) in (list, tuple) else member
                if isinstance(inner, type) and attrs.has(inner):
                    for part in flat(value[field.name]):
                        if isinstance(part, dict):
                            fits(part, inner)
    assert set(value) <= set(names(row_class))


@pytest.mark.parametrize("path", ["customers", "venue.name", "venue.venue_rooms.venue.venue_rooms.venue", ""])
async def test_what_cannot_be_expanded(call: Any, path: str) -> None:
    """An unknown or too deep path is refused by name."""
    answered = await call("/course_sessions", expand=f"{path},")

    assert (answered.status, set(answered.body["field_errors"])) == (400, {"expand"})


async def test_fields(call: Any) -> None:
    """`fields` prunes, also inside expanded objects and lists."""
    answered = await call(
        "/course_sessions", expand="venue,instructors", fields="id,venue.name,instructors.id", page_size=1
    )
    row = answered.body["results"][0]

    assert list(row) == ["id", "venue", "instructors"]
    assert list(row["venue"]) == ["name"]
    assert all(list(person) == ["id"] for person in row["instructors"])


async def test_unknown_fields(call: Any) -> None:
    """A field there is not is refused by name."""
    answered = await call("/course_sessions", fields="id,colour")

    assert (answered.status, set(answered.body["field_errors"])) == (400, {"fields"})


async def test_xml(call: Any) -> None:
    """`format=xml` is answered as XML."""
    answered = await call("/course_sessions", format="xml", page_size=2)

    assert answered.headers["Content-Type"].startswith("application/xml")
    assert answered.body.count(b"<list-item>") == 2
