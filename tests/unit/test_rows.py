"""Row classes as data: columns, what can be expanded, and rows as flat tuples."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.endpoints import ENDPOINTS
from teamup_async.lists.objects.courses import Course, CourseSession
from teamup_async.lists.objects.instructors import Instructor
from teamup_async.lists.objects.offerings import OfferingType
from teamup_async.lists.objects.venues import Venue, VenueRoom
from teamup_async.objects import CustomerCard, CustomerMembershipSummary, Money, Named
from teamup_async.reports.attendance_strikes import AttendanceStrikeGroup
from teamup_async.reports.attendances import Attendance
from teamup_async.reports.instructed_sessions import InstructedSession, PayRate
from teamup_async.rows import (
    DEFERRED,
    EXPANDABLE,
    NO_COUNTS,
    expandable_paths,
    expanded_paths,
    field_paths,
    flattener,
    leaf_paths,
)


@attrs.frozen
class Inner:
    """An object that a row always has, and one that it may lack, which leads back."""

    id: int | None = None
    outer: "Outer | None" = None


@attrs.frozen(slots=False)
class Outer:
    """A row with a field of each kind."""

    id: int | None = None
    inner: Inner = Inner()
    perhaps: Inner | None = None
    several: tuple[Named, ...] = ()
    reference: int | Named | None = None
    collection: str | list[Named] | None = None
    several_references: list[int | Named] | None = None
    later: Named | None = attrs.field(default=None, metadata=DEFERRED)
    either: Named | None = attrs.field(default=None, metadata=EXPANDABLE)
    plain: int | str | None = None
    one_of: int | list[str] | Named | None = None
    money: Money | None = None
    anything: list[Any] | None = None
    counts: Mapping[str, int | None] = NO_COUNTS


def test_leaf_paths():
    """Objects divide into columns; lists, references, money and what leads back in a circle are one column."""
    assert leaf_paths(Outer) == (
        "id",
        "inner.id",
        "inner.outer",
        "perhaps.id",
        "perhaps.outer",
        "several",
        "reference",
        "collection",
        "several_references",
        "later.id",
        "later.name",
        "either.id",
        "either.name",
        "plain",
        "one_of",
        "money",
        "anything",
    )


def test_expandable_paths():
    """References, collections and what is marked can be expanded, within each other too."""
    marked = ("reference", "collection", "several_references", "later", "either")
    through = [f"{name}.outer.{path}" for name in ("inner", "perhaps") for path in marked]

    assert expandable_paths(Outer) == (*through, *marked)
    assert {"venue", "venue.venue_rooms", "course.offering_type.category"} < set(
        expandable_paths(CourseSession)
    )
    assert expandable_paths(Attendance) == ()


def test_deepest():
    """Neither `expand` nor `fields` reaches deeper than four levels, however often classes lead to themselves."""
    for paths in (expandable_paths(CourseSession), field_paths(CourseSession)):
        assert max(path.count(".") for path in paths) == 3
    assert "course.course_sessions.course.course_sessions" in expandable_paths(CourseSession)
    assert "course.course_sessions.venue.name" in field_paths(CourseSession)


def test_field_paths():
    """Every field can be asked for, the object as a whole and its parts."""
    assert {"id", "inner", "inner.outer.inner", "collection.name", "money.decimal"} < field_paths(Outer)
    assert "counts" not in field_paths(Outer)


@pytest.mark.parametrize(
    ("wanted", "expand", "expected"),
    [
        (["id", "venue"], [], ("id", "venue")),
        (
            ["id", "course"],
            ["course"],
            (
                "id",
                *(
                    f"course.{f}"
                    for f in ("id", "object", "name", "offering_type", "published", "course_sessions")
                ),
            ),
        ),
        (["instructors"], ["instructors"], ("instructors",)),
        (["course.name"], ["course"], ("course.name",)),
    ],
)
def test_expanded_paths(wanted, expand, expected):
    """An expanded object stands in a table with its fields; a list and an unexpanded id stay one column."""
    assert expanded_paths(CourseSession, wanted, expand) == expected


def test_expanded_deeper():
    """Expanding deeper expands what is above, and deferred fields appear only where they were asked for."""
    plain = expanded_paths(CourseSession, ["course"], ["course.offering_type"])
    deferred = expanded_paths(CourseSession, ["course"], ["course.offering_type.memberships"])

    assert "course.id" in plain
    assert "course.offering_type.name" in plain
    assert set(deferred) - set(plain) == {"course.offering_type.memberships"}
    assert expanded_paths(Outer, ["id", "later"], []) == ("id",)
    assert expanded_paths(Outer, ["id", "later.name"], []) == ("id",)
    assert expanded_paths(Outer, ["id", "later"], ["later"]) == ("id", "later.id", "later.name")


def test_flattener():
    """A row becomes the values of the columns asked for, in that order; objects come whole."""
    row = Attendance(
        id=7,
        customer=CustomerCard(name="Ada"),
        customer_membership=CustomerMembershipSummary(membership=Named(id=3)),
        instructors=(Named(id=1), Named(id=2)),
    )
    columns = (
        "customer.name",
        "id",
        "customer_membership.membership.id",
        "instructors",
        "customer",
        "status",
    )

    assert flattener(Attendance, columns)(row) == ("Ada", 7, 3, row.instructors, row.customer, None)


def test_flattener_of_what_is_missing():
    """What an object that is missing would have held is None; so is a path into an id or a URL."""
    assert flattener(Attendance, ("checkin.ocurred_at", "customer_membership.membership.id"))(
        Attendance()
    ) == (
        None,
        None,
    )
    session = CourseSession(
        venue=5, instructors="https://example.org", course=Course(offering_type=OfferingType(id=2))
    )
    columns = (
        "venue",
        "venue.name",
        "instructors",
        "course.offering_type.id",
        "course.offering_type.category.name",
    )

    assert flattener(CourseSession, columns)(session) == (5, None, "https://example.org", 2, None)
    assert flattener(CourseSession, ("venue.name",))(CourseSession(venue=Venue(name="Hall"))) == ("Hall",)


def test_flattener_of_money():
    """Money is one column, and can be divided where its parts are named."""
    money = Money(decimal=Decimal("12.50"))
    row = InstructedSession(instructor_pay=money, instructor_pay_rate=PayRate(base="10"))

    assert flattener(InstructedSession, ("instructor_pay", "instructor_pay_rate.base"))(row) == (money, "10")


def test_flattener_of_counts():
    """In a pivoted report, a column that is no path of the row is one of its counts."""
    row = AttendanceStrikeGroup(status="open", count=3, counts={"2025-01": 1, "2025.02": 2})
    columns = ("status", "2025-01", "2025.02", "2025-03", "count")

    assert flattener(AttendanceStrikeGroup, columns)(row) == ("open", 1, 2, None, 3)
    assert flattener(Attendance, ("2025-01",))(Attendance()) == (None,)
    with pytest.raises(TypeError):
        NO_COUNTS["new"] = 1


values = st.none() | st.integers() | st.text()


@given(endpoint=st.sampled_from(ENDPOINTS), data=st.data())
def test_every_column(endpoint, data):
    """Whatever a row holds at its paths is found there again, in any choice and order of the columns."""
    columns = data.draw(st.lists(st.sampled_from(endpoint.paths), unique=True))
    held = {path: data.draw(values) for path in columns}
    row = build(endpoint.row, held)

    assert flattener(endpoint.row, tuple(columns))(row) == tuple(held.values())


def build(cls: type, held: dict[str, Any]) -> Any:
    """A row with the given values at the given paths."""
    made: dict[str, Any] = {}
    for name in dict.fromkeys(path.partition(".")[0] for path in held):
        below = {
            path.partition(".")[2]: value for path, value in held.items() if path.partition(".")[0] == name
        }
        made[name] = below[""] if "" in below else build(object_class(cls, name), below)
    return cls(**made)


def object_class(cls: type, name: str) -> type:
    """The class of the object in a field."""
    hint = get_type_hints(cls)[name]
    return next(member for member in (get_args(hint) or (hint,)) if attrs.has(member))


def test_circles():
    """Objects that lead back to themselves can be built and compared."""
    room = VenueRoom(venue=Venue(id=1, venue_rooms=[VenueRoom(id=2)]))

    assert room == VenueRoom(venue=Venue(id=1, venue_rooms=[VenueRoom(id=2)]))
    assert Instructor() == Instructor()
