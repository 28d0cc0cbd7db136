"""Plans in other dialects: what is asked for, where a walk goes on that finds a dialect out, and what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import attrs
import pytest

from teamup_async._decoding.page import ColumnHeader, Sorted
from teamup_async._walking.adapting import adapted, misread, refused_for, smaller
from teamup_async._walking.learned import Learned
from teamup_async._walking.plan import plan
from teamup_async._walking.position import (
    IdKeyset,
    LimitOffset,
    PageNumber,
    by_number,
    fitting,
    page_reaching_past,
    rewound,
)
from teamup_async._walking.seams import ByEquality, ById, Otherwise, digest
from teamup_async.dialect import Dialect
from teamup_async.errors import BadRequestError, QueryError
from teamup_async.lists.course_sessions import COURSE_SESSIONS, CourseSessionsQuery
from teamup_async.reports.attendances import ATTENDANCES, AttendancesQuery


def planned(query: Any = None, *, endpoint: Any = ATTENDANCES, dialect: str = "", **options: Any) -> Any:
    given = {
        "by": None,
        "size": 10,
        "window": 4,
        "start": None,
        "on_drift": "heal",
        "timeout": None,
        **options,
    }
    return plan(endpoint, query or endpoint.query(), dialect=Dialect.parse(dialect), **given)


def asked(made: Any) -> dict[str, list[str]]:
    return parse_qs(made.query(made.first))


def refusal(text: str = "400", **field_errors: tuple[str, ...]) -> BadRequestError:
    return BadRequestError(text, status=400, field_errors=field_errors)


def gone_on(made: Any, position: Any, found: Otherwise) -> tuple[Any, Any]:
    changed = adapted(made, position, found)
    assert changed is not None
    return changed


LATER = LimitOffset(size=10, last=30, done=30, offset=29)


# --- plans ------------------------------------------------------------------------------------------------


def test_what_is_asked_in_a_dialect():
    """The plan names all columns, turns the columns to sort by, and pages by the pair that the server knows."""
    assert asked(planned())["sort"] == ["id"]
    assert "sort" not in asked(planned(dialect="sort_by_id=refused"))
    named = asked(planned(dialect="default_columns=few"))["columns"]
    assert {"id", "status"} < set(named)
    two = AttendancesQuery(sort=["status", "-event_starts_at"])
    assert asked(planned(two))["sort"] == ["status", "-event.starts_at", "id"]
    assert asked(planned(two, dialect="sort_priority=last"))["sort"] == ["id", "-event.starts_at", "status"]
    assert asked(planned(two, dialect="sort_by_id=refused"))["sort"] == ["status", "-event.starts_at"]
    assert planned(dialect="paging=page").first.by == "page"
    assert planned(by="page", dialect="paging=limit_offset").first.by == "offset"
    assert planned(by="id", dialect="paging=page").first.by == "id"
    assert planned(endpoint=COURSE_SESSIONS, dialect="paging=limit_offset").first.by == "page"
    assert (planned().cursor, planned(dialect="id_gt=ignored").cursor) == ("id_gt", None)
    assert planned(most=5).first == LimitOffset(size=5, most=5)


@pytest.mark.parametrize("dialect", ["sort_by_id=ignored", "id_gt=ignored"])
def test_by_id_is_refused(dialect):
    """A walk by id needs rows sorted by it, and id_gt."""
    with pytest.raises(QueryError, match=f"can't be walked by='id' from a server with {dialect}"):
        planned(by="id", dialect=dialect)


def test_positions_of_another_dialect():
    """A position goes on whether it comes from a walk that knew the dialect or not."""
    found = planned(start=attrs.evolve(LATER, last=digest(30)))
    assert (type(found.order), found.dialect.sort_by_id) == (ByEquality, "ignored")
    unknowing = planned(start=attrs.evolve(LATER, since=20, offset=9), dialect="sort_by_id=ignored")
    assert unknowing.first == attrs.evolve(LATER, last=digest(30))
    assert planned(start=LATER, dialect="sort_by_id=ignored").first.last == digest(30)
    paged = planned(start=LATER, dialect="paging=page").first
    assert isinstance(paged, PageNumber)
    assert paged.start < 30


# --- positions --------------------------------------------------------------------------------------------


def test_by_number():
    """A position by numbers begins at or before the last row yielded, counted from the beginning."""
    entered = IdKeyset(size=10, last=30, since=30, done=30)
    assert by_number(entered, "offset") == LATER
    page = by_number(entered, "page")
    assert isinstance(page, PageNumber)
    assert (page.page, page.page_size) == page_reaching_past(30, 10)
    assert by_number(LimitOffset(size=10), "offset") == LimitOffset(size=10)


def test_rewound():
    """A position that is rewound begins earlier, and never before the beginning."""
    assert rewound(LATER, 10) == attrs.evolve(LATER, offset=19)
    assert rewound(LATER, 100) == attrs.evolve(LATER, offset=0)
    page = PageNumber(size=10, last=30, done=30, page=4, page_size=10)
    assert rewound(page, 10).start <= 20
    assert rewound(page, 100).start == 0


def test_fitting():
    """On a server that refuses large pages a position asks for less, and begins no later."""
    assert fitting(LATER, 5) == attrs.evolve(LATER, size=5, most=5)
    first = PageNumber(size=100, page_size=100)
    assert (fitting(first, 50).asked, fitting(first, 50).start) == (50, 0)
    later = PageNumber(size=100, last=30, done=300, page=4, page_size=96)
    assert fitting(later, 50).start <= later.start
    assert fitting(later, 50).asked <= 50


# --- going on ---------------------------------------------------------------------------------------------


def test_rows_that_are_not_sorted():
    """The walk goes on by pages that repeat their last row, from where it stands; not where it has entered at an id."""
    found = Otherwise("sort_by_id", "ignored", "")
    made, here = gone_on(planned(), LATER, found)
    assert (type(made.order), made.cursor, made.ordered) == (ByEquality, None, False)
    assert here == attrs.evolve(LATER, last=digest(30))
    assert adapted(planned(), planned().first, found) is not None
    assert adapted(planned(), attrs.evolve(LATER, since=20), found) is None
    assert adapted(planned(by="id"), IdKeyset(size=10), found) is None
    assert adapted(made, here, found) is None


def test_id_gt_that_does_nothing():
    """The walk goes on by numbers from the last row; an id_gt of the caller's own would mean something else."""
    found = Otherwise("id_gt", "ignored", "")
    entered = LimitOffset(size=10, last=30, since=30, done=30)
    made, here = gone_on(planned(), entered, found)
    assert (type(made.order), made.cursor, here) == (ById, None, LATER)
    assert adapted(planned(AttendancesQuery(id_gt=5)), entered, found) is None
    assert adapted(planned(by="id"), IdKeyset(size=10, last=30, since=30, done=30), found) is None


def test_pages_that_come_again():
    """The walk goes on with the other pair of parameters, once."""
    made, here = gone_on(planned(), LATER, Otherwise("paging", "page", ""))
    assert (made.first.by, here.by) == ("page", "page")
    assert here.start < 30
    assert adapted(made, here, Otherwise("paging", "limit_offset", "")) is None
    back, there = gone_on(planned(by="page"), here, Otherwise("paging", "limit_offset", ""))
    assert (back.first, there) == (LimitOffset(size=10), LATER)
    sessions = planned(endpoint=COURSE_SESSIONS)
    assert adapted(sessions, sessions.first, Otherwise("paging", "page", "")) is None


def test_columns_that_are_missing():
    """All columns are named where the caller left the choice to the server."""
    found = Otherwise("default_columns", "few", "")
    made, here = gone_on(planned(), planned().first, found)
    assert "id" in asked(made)["columns"]
    assert here == planned().first
    assert adapted(planned(AttendancesQuery(columns=["status"])), LATER, found) is None


def test_the_order_of_several_columns():
    """Headers tell which of several columns counts most; nothing is made of headers that say nothing of it."""

    def headers(*ranks: int | None) -> list[ColumnHeader]:
        names = ("status", "event.starts_at")
        return [
            ColumnHeader(key=name, sorted=None if rank is None else Sorted("asc", rank))
            for name, rank in zip(names, ranks, strict=True)
        ]

    made = planned(AttendancesQuery(sort=["status", "event_starts_at"]))
    found = misread(made, headers(1, 0))
    assert found == Otherwise("sort_priority", "last", "rows come sorted by event.starts_at first")
    again, here = gone_on(made, made.first, found)
    assert asked(again)["sort"] == ["id", "event.starts_at", "status"]
    assert here == made.first
    assert adapted(made, LATER, found) is None
    assert (
        misread(made, headers(0, 1))
        is misread(made, headers(0, None))
        is misread(again, headers(1, 0))
        is None
    )
    assert misread(planned(), headers(1, 0)) is None


def test_refusals():
    """A refusal of what the walk added by itself tells of the dialect; one of what the caller asked for does not."""
    found = refused_for(planned(), LATER, refusal(sort=("not sortable",)))
    assert found is not None
    assert (found.field, found.value) == ("sort_by_id", "refused")
    assert refused_for(planned(), LATER, refusal("400: sort: not sortable")) == attrs.evolve(
        found, reason="the server says: 400: sort: not sortable"
    )
    assert refused_for(planned(AttendancesQuery(sort=["id"])), LATER, refusal(sort=("no",))) is None
    assert refused_for(planned(), LATER, refusal(status=("no",))) is None
    entered = attrs.evolve(LATER, since=30)
    key = refused_for(planned(), entered, refusal(id_gt=("no",)))
    assert key is not None
    assert (key.field, key.value) == ("id_gt", "ignored")
    assert refused_for(planned(AttendancesQuery(id_gt=3)), entered, refusal(id_gt=("no",))) is None


def test_pages_that_are_too_large():
    """The walk asks for as many rows as the refusal names, or for half as many as before."""
    large = LimitOffset(size=100)
    assert smaller(large, refusal(limit=("at most 50 rows",))) == LimitOffset(size=50, most=50)
    assert smaller(large, refusal("limit is too great")) == LimitOffset(size=50, most=50)
    assert smaller(large, refusal(limit=("at least 200",))) == LimitOffset(size=50, most=50)
    assert smaller(large, refusal(status=("no",))) is None
    assert smaller(LimitOffset(size=1), refusal(limit=("no",))) is None


def test_what_a_client_has_learned():
    """What is known of one endpoint is known of that one; what is said once is new the first time only."""
    learned = Learned(Dialect.parse("arrays=comma"))
    spoken = Dialect.parse("arrays=comma id_gt=ignored sort_by_id=refused")
    learned.note(ATTENDANCES, "id_gt", "ignored")
    learned.note(ATTENDANCES, "sort_by_id", "refused")
    learned.note_size(ATTENDANCES, 50)
    assert (learned.dialect_of(ATTENDANCES), learned.size_of(ATTENDANCES)) == (spoken, 50)
    assert learned.dialect_of(COURSE_SESSIONS) == learned.told
    assert learned.size_of(COURSE_SESSIONS) == 100
    assert [learned.is_new("id_gt", "ignored") for _ in range(2)] == [True, False]
    assert planned(CourseSessionsQuery(), endpoint=COURSE_SESSIONS).dialect == Dialect()


def test_what_a_client_forgets():
    """What was found out a day ago is forgotten, and what was told and said is not."""
    learned = Learned(Dialect.parse("id_gt=inclusive"))
    learned.renew(1000.0)
    learned.note(ATTENDANCES, "sort_by_id", "refused")
    learned.note_size(ATTENDANCES, 50)
    learned.note_form("arrays", "comma")
    assert learned.is_new("sort_by_id", "refused")
    learned.renew(80_000.0)
    assert learned.dialect_of(ATTENDANCES) == Dialect.parse("id_gt=inclusive sort_by_id=refused arrays=comma")
    learned.renew(90_000.0)
    assert (learned.dialect_of(ATTENDANCES), learned.size_of(ATTENDANCES)) == (learned.told, 100)
    assert not learned.is_new("sort_by_id", "refused")


def test_a_walk_that_doubts_totals():
    """A walk that believes no total knows what else was learned, and its doubt stays its own."""
    learned = Learned()
    learned.note(ATTENDANCES, "sort_by_id", "refused")
    doubting = learned.doubting_totals(ATTENDANCES)
    assert doubting.dialect_of(ATTENDANCES) == Dialect.parse("sort_by_id=refused total=approximate")
    assert learned.dialect_of(ATTENDANCES) == Dialect.parse("sort_by_id=refused")
