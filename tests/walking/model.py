"""A TeamUp in memory, for thousands of walks: only the socket is left out.

`Model` holds the rows of one endpoint and answers requests as the API documents it. It is no kinder than a real
server: a total is counted at one moment and the rows are selected at a later one, pages in flight see different
moments, rows become visible as time passes, and totals may be wrong or absent. `InMemory` stands where a walk's
requester stands.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import attrs

from teamup_async.endpoint import Endpoint
from teamup_async.envelope import LIST
from teamup_async.errors import NotFoundError
from teamup_async.lists.attendances import ATTENDANCES as LISTED_ATTENDANCES
from teamup_async.lists.attendances import AttendancesQuery as ListedAttendancesQuery
from teamup_async.lists.course_sessions import COURSE_SESSIONS, CourseSession, CourseSessionsQuery
from teamup_async.query import Query
from teamup_async.reports.attendance_strikes import (
    ATTENDANCE_STRIKES_GROUPED,
    AttendanceStrikesGroupedQuery,
)
from teamup_async.reports.attendances import ATTENDANCES, AttendancesQuery

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
LARGEST_PAGE = 100

Change = tuple[str, int]
Schedule = list[list[Change]]
"""The changes before the first request, the second, ...: what to do, and a number that says to which row."""
Totals = Callable[[int, int], int | None]
"""What a server says is the total, from the true one and the number of the request."""


def at(hours: int) -> str:
    return (EPOCH + timedelta(hours=hours)).isoformat()


def honest(exact: int, _: int) -> int | None:
    return exact


@attrs.frozen(kw_only=True)
class UnsortedQuery(Query[CourseSession]):
    """A list that takes no filters and no sort."""


UNSORTED: Endpoint[..., Any] = Endpoint(
    name="unsorted", title="Unsorted", path="/unsorted", query=UnsortedQuery, row=CourseSession, envelope=LIST
)


@attrs.frozen
class Moment:
    """What a server held at one time: rows by id, its clock, and the first pivoted column."""

    rows: dict[int, int]
    now: int
    pivot: int = 0

    @property
    def visible(self) -> dict[int, int]:
        return {i: value for i, value in self.rows.items() if value <= self.now}


@attrs.define
class Model:
    """The rows of one endpoint, by id; the value is what they are sorted by (hours), or a group's count.

    `schedule` is what happens before each request, `between` what happens after its total was counted and before
    its rows are selected. Rows whose value lies after `now` are not visible yet. With `lag`, an answer may be made
    of a moment some changes ago. With `cuts`, numbered pages end where the total does, as Django's do.
    With `unsorted`, rows come in the order of their values, whatever is asked for. With `counts_whole`, totals count
    the whole report behind a key, too.
    """

    rows: dict[int, int]
    schedule: Schedule = attrs.field(factory=list)
    between: Schedule = attrs.field(factory=list)
    clamp: int = LARGEST_PAGE
    shuffled_ties: random.Random | None = None
    totals: Totals = honest
    now: int = 10**9
    lag: random.Random | None = None
    pivots: int = 0
    cuts: bool = False
    unsorted: bool = False
    counts_whole: bool = False
    served: int = 0
    steady: set[int] = attrs.field(init=False)
    """Ids of rows that were visible from the start on, and were neither deleted nor moved."""
    used: set[int] = attrs.field(init=False)
    """Ids that were ever given."""
    moments: list[Moment] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.moments = [Moment(dict(self.rows), self.now)]
        self.steady = set(self.moments[0].visible)
        self.used = set(self.rows)

    def change(self, changes: list[Change], *, grouped: bool) -> None:
        """Do what a schedule says."""
        for kind, number in changes:
            moment = self.moments[-1]
            rows, now, pivot = dict(moment.rows), moment.now, moment.pivot
            ids = sorted(rows)
            if kind == "insert":
                new = number % (max(self.used, default=0) + 20) + 1
                while new in self.used:
                    new += 1
                self.used.add(new)
                rows[new] = number % 7
            elif kind == "pass":
                now += number % 3
            elif kind == "pivot":
                pivot += 1
            elif ids:
                chosen = ids[number % len(ids)]
                if kind == "delete":
                    del rows[chosen]
                    self.steady.discard(chosen)
                elif grouped:
                    rows[chosen] += 1 + number % 5  # a count that only grows never looks as it did before
                else:
                    rows[chosen] = number % 11
                    self.steady.discard(chosen)
            self.moments.append(Moment(rows, now, pivot))

    def _moment(self) -> Moment:
        """The moment that an answer is made of: the latest, or one of some changes ago."""
        back = 0 if self.lag is None else self.lag.randrange(4)
        return self.moments[max(0, len(self.moments) - 1 - back)]

    def ordered(self, moment: Moment | None = None, *, by_time: bool, descending: bool = False) -> list[int]:
        rows = (moment or self.moments[-1]).visible
        if not by_time:
            return sorted(rows)
        ties = self.shuffled_ties
        rank = {i: (ties.random() if ties else i) for i in rows}
        ids = sorted(rows, key=lambda i: (rows[i], rank[i]))
        return ids[::-1] if descending else ids

    def answer(self, endpoint: Endpoint[..., Any], query: str) -> bytes:
        """The body of a page."""
        number = self.served
        self.served += 1
        self.change(_of(self.schedule, number), grouped=endpoint.grouped)
        asked: dict[str, str] = dict(parse_qsl(query))
        counted = {} if self.counts_whole else asked
        exact = len(self._selected(endpoint, counted, self._moment()))
        self.change(_of(self.between, number), grouped=endpoint.grouped)
        moment = self._moment()
        ids = self._selected(endpoint, asked, moment)
        if "page" in asked:
            size = min(int(asked["page_size"]), self.clamp)
            start = (int(asked["page"]) - 1) * size
        else:
            size, start = min(int(asked["limit"]), self.clamp), int(asked["offset"])
        envelope = endpoint.envelope
        if self.cuts and "page" in asked:
            ids = ids[:exact]
        if envelope.past_the_end == "not_found" and start and start >= len(ids):
            raise NotFoundError("404 not_found", status=404)
        page: dict[str, Any] = {
            envelope.rows: [self.row(endpoint, i, moment, asked) for i in ids[start : start + size]]
        }
        total = self.totals(exact, number)
        if total is not None:
            page[envelope.total] = total
        if endpoint.grouped and self.pivots:
            page["column_headers"] = [{"key": key} for key in ("customer.id", "count", *self.periods(moment))]
        return json.dumps(page).encode()

    def _selected(self, endpoint: Endpoint[..., Any], asked: dict[str, str], moment: Moment) -> list[int]:
        listed = self.unsorted or endpoint in LISTED
        if endpoint.grouped:
            return sorted(moment.rows)  # the value is a count
        ids = self.ordered(moment, by_time=listed, descending=asked.get("sort", "").startswith("-"))
        if "id_gt" in asked:
            ids = [i for i in ids if i > int(asked["id_gt"])]
        prefix = "event_" if endpoint is LISTED_ATTENDANCES else ""
        for name, keep in ((f"{prefix}starts_at_gte", 1), (f"{prefix}starts_at_lte", -1)):
            if name in asked:
                bound = datetime.fromisoformat(asked[name])
                ids = [
                    i for i in ids if (EPOCH + timedelta(hours=moment.rows[i]) - bound) * keep >= timedelta()
                ]
        return ids

    def periods(self, moment: Moment) -> list[str]:
        return [f"period {moment.pivot + n}" for n in range(self.pivots)]

    def row(
        self, endpoint: Endpoint[..., Any], i: int, moment: Moment, asked: dict[str, str]
    ) -> dict[str, Any]:
        if endpoint is COURSE_SESSIONS:
            return {"id": i, "starts_at": at(moment.rows[i])}
        if endpoint is LISTED_ATTENDANCES:
            event = {"id": EVENTS + i, "starts_at": at(moment.rows[i])}
            return {"id": i, "event": event if asked.get("expand") == "event" else event["id"]}
        if endpoint is ATTENDANCE_STRIKES_GROUPED:
            count = moment.rows[i]
            return {"customer": {"id": i}, "count": count, **dict.fromkeys(self.periods(moment), count)}
        return {"id": i}


def _of(schedule: Schedule, number: int) -> list[Change]:
    return schedule[number] if number < len(schedule) else []


LISTED: tuple[Endpoint[..., Any], ...] = (COURSE_SESSIONS, LISTED_ATTENDANCES)
"""Lists that are sorted by a time."""
EVENTS = 10_000
"""The event of an attendance has the attendance's id, and this much more."""
QUERIES: dict[str, tuple[Endpoint[..., Any], Query[Any]]] = {
    "attendances": (ATTENDANCES, AttendancesQuery()),
    "course_sessions": (COURSE_SESSIONS, CourseSessionsQuery()),
    "course_sessions descending": (COURSE_SESSIONS, CourseSessionsQuery(sort=["-start"])),
    "lists.attendances": (LISTED_ATTENDANCES, ListedAttendancesQuery()),
    "lists.attendances descending": (LISTED_ATTENDANCES, ListedAttendancesQuery(sort=["-event_starts_at"])),
    "unsorted": (UNSORTED, UnsortedQuery()),
    "attendance_strikes.grouped": (
        ATTENDANCE_STRIKES_GROUPED,
        AttendanceStrikesGroupedQuery(columns=["customer.id", "count"]),
    ),
}


def naive_walk(model: Model, what: str, size: int) -> list[int]:
    """The loop that most people write: offsets (or page numbers) until a page is short."""
    endpoint, _ = QUERIES[what]
    return list(_naive(model, endpoint, size))


def _naive(model: Model, endpoint: Endpoint[..., Any], size: int) -> Iterator[int]:
    for number in range(10_000):
        paging = (
            f"page={number + 1}&page_size={size}"
            if endpoint in LISTED
            else f"limit={size}&offset={number * size}"
        )
        try:
            page = json.loads(model.answer(endpoint, paging))
        except NotFoundError:
            return
        rows = page[endpoint.envelope.rows]
        yield from (row["customer"]["id"] if endpoint.grouped else row["id"] for row in rows)
        if len(rows) < size:
            return
