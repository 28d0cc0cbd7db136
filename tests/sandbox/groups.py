"""What a grouped report says, counted by hand from the rows of its twin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from teamup_async import Endpoint

from .special import resolution
from .studio import Row, Studio, local_time, moment, twin_of

Column = Callable[[Studio, Row], Any]
Group = dict[str, Any]


def at(row: Any, path: str) -> Any:
    """What a path leads to in nested objects."""
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _part(path: str, form: str) -> Column:
    """A part of a time or of a day, in UTC."""

    def column(_: Studio, row: Row) -> str | None:
        value = at(row, path)
        return None if value is None else f"{moment(value).astimezone(UTC):{form}}"

    return column


def _event(studio: Studio, row: Row) -> Row:
    found = studio.one("lists.events", row["event"]["id"] if "event" in row and "id" in row["event"] else 0)
    assert found is not None
    return found


def _local_event(studio: Studio, row: Row) -> datetime:
    return local_time(studio, _event(studio, row), "")


def _local_struck(studio: Studio, row: Row) -> datetime:
    """A strike's row has no id of its event, but its start and its venue."""
    return local_time(studio, {**row["event"], "venue": row["event"]["venue"]["id"]}, "")


def _local_session(studio: Studio, row: Row) -> datetime:
    session = studio.one("lists.course_sessions", row["course_session"]["id"])
    assert session is not None
    return local_time(studio, session, "")


def _clock(local: Callable[[Studio, Row], datetime]) -> Mapping[str, Column]:
    return {
        "start_time": lambda studio, row: f"{local(studio, row):%H:%M}",
        "day_of_week": lambda studio, row: f"{local(studio, row):%A}".lower(),
    }


def _taught(studio: Studio, row: Row, name: str) -> Any:
    """The first of those who teach a class."""
    del studio
    return row["instructors"][0][name]


def _purchase(studio: Studio, row: Row) -> Any:
    """The kind of object an invoice is for, and the id of the first line's item."""
    lines = [line for line in studio.rows("reports.invoice_line_items") if line["invoice"]["id"] == row["id"]]
    key = next(line["billed_item"]["id"] for line in lines if line["billed_item"]["object"] != "purchase_fee")
    return {"object": row["purchase_type"], "id": key}


def _fee(studio: Studio, row: Row) -> Any:
    lines = [line for line in studio.rows("reports.invoice_line_items") if line["invoice"]["id"] == row["id"]]
    return min(
        (line["type"] for line in lines if line["billed_item"]["object"] == "purchase_fee"), default=None
    )


def _payout(row: Row, *, year: bool) -> Any:
    return None if row["payout"] is None else row["payout"][:4] if year else row["payout"][5:]


_CLASS: Final = _clock(_local_event)
_STRUCK: Final = _clock(_local_struck)
_SESSION: Final = _clock(_local_session)
DERIVED: Final[Mapping[str, Mapping[str, Column]]] = {
    "attendances.grouped": {"day_of_week": _CLASS["day_of_week"], "event.start_time": _CLASS["start_time"]},
    "attendance_strikes.grouped": {
        "day_of_week": _STRUCK["day_of_week"],
        "event.start_time": _STRUCK["start_time"],
    },
    "classes.grouped": {
        "instructor.id": lambda studio, row: _taught(studio, row, "id"),
        "instructor.name": lambda studio, row: _taught(studio, row, "name"),
        "month": lambda studio, row: local_time(studio, {**row, "venue": row["venue"]["id"]}, "").month,
        "year": lambda studio, row: local_time(studio, {**row, "venue": row["venue"]["id"]}, "").year,
    },
    "content_views.grouped": {"month": _part("viewed_at", "%m"), "year": _part("viewed_at", "%Y")},
    "course_session_attendances.grouped": {
        "course_session.start_time": _SESSION["start_time"],
        "day_of_week": _SESSION["day_of_week"],
    },
    "customer_membership_holds.grouped": {
        "membership.name": lambda _, row: row["customer_membership"]["membership"]["name"],
        "membership.type": lambda _, row: row["customer_membership"]["membership"]["type"],
        "payment_resolution_type": resolution,
        **{
            f"{name}_{part}": _part(f"{name}_date", form)
            for name in ("start", "end")
            for part, form in (("month", "%m"), ("year", "%Y"))
        },
    },
    "customer_memberships.grouped": {
        f"{name}_{part}": _part(f"{name}_{'date'}", form)
        for name in ("purchase", "start", "expiration", "cancelled")
        for part, form in (("month", "%m"), ("year", "%Y"))
    },
    "customer_referrals.grouped": {
        "signup_membership.id": lambda _, row: at(row, "signup_customer_membership.membership.id"),
        "signup_membership.name": lambda _, row: at(row, "signup_customer_membership.membership.name"),
        "signup_month": _part("signup_date", "%m"),
        "signup_year": _part("signup_date", "%Y"),
    },
    "customers.grouped": {
        "created_date": _part("created_at", "%Y-%m-%d"),
        "created_month": _part("created_at", "%m"),
        "created_year": _part("created_at", "%Y"),
        "created_hour": _part("created_at", "%H"),
        "birth_month": _part("date_of_birth", "%m"),
        "has_account_credit": lambda _, row: (row["account_credit_balance"] or {"decimal": 0})["decimal"] > 0,
    },
    "discount_code_uses.grouped": {"month": _part("used_at", "%m"), "year": _part("used_at", "%Y")},
    "invoices.grouped": {
        "due_date_month": _part("due_date", "%m"),
        "due_date_year": _part("due_date", "%Y"),
        "payment_month": _part("paid_at", "%m"),
        "payment_year": _part("paid_at", "%Y"),
        "payout_month": lambda _, row: _payout(row, year=False),
        "payout_year": lambda _, row: _payout(row, year=True),
        "purchased_item": _purchase,
        "purchase_fee_type": _fee,
    },
    "instructors": {
        "id": lambda _, row: row["instructor"]["id"],
        "name": lambda _, row: row["instructor"]["name"],
    },
}
"""Columns of grouped reports that their twins do not have."""


def _pence(money: Any) -> int:
    return 0 if money is None else round(money["decimal"] * 100)


def _days(row: Row) -> int:
    return (date.fromisoformat(row["end_date"]) - date.fromisoformat(row["start_date"])).days


MEASURES: Final[Mapping[str, Callable[[Sequence[Row]], float]]] = {
    "count": len,
    "average_attendees": lambda rows: sum(row["attendance_count"] for row in rows) / len(rows),
    "average_hold_duration": lambda rows: sum(map(_days, rows)) / len(rows),
    "billed_price": lambda rows: sum(_pence(row["billed_price"]) for row in rows) / 100,
    "total_amount": lambda rows: sum(_pence(row["amount"]) for row in rows) / 100,
    "total_sessions": len,
    "total_hours": lambda rows: sum(row["hours"] for row in rows),
    "total_pay": lambda rows: sum(_pence(row["instructor_pay"]) for row in rows) / 100,
}
_PERIODS: Final = {"year": "%Y", "month": "%Y-%m", "week": "%Y-W%W"}
_PIVOTS: Final[Mapping[str, Column]] = {
    "attendances.grouped": _local_event,
    "attendance_strikes.grouped": _local_struck,
    "course_session_attendances.grouped": _local_session,
    "customer_membership_holds.grouped": lambda _, row: date.fromisoformat(row["start_date"]),
    "customer_memberships.grouped": lambda _, row: date.fromisoformat(row["start_date"]),
}


def measures_of(endpoint: Endpoint[..., Any]) -> tuple[str, ...]:
    """What a grouped report computes for each group."""
    return endpoint.measures or ("total_sessions", "total_hours", "total_pay")


def key_of(values: Sequence[Any]) -> tuple[str, ...]:
    """Values that can be compared however they are written: a month may be 3, "3" or "03"."""
    return tuple(_told(value) for value in values)


def _told(value: Any) -> str:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return repr(value)


def grouped(
    studio: Studio, endpoint: Endpoint[..., Any], rows: Sequence[Row], leaves: Sequence[str]
) -> dict[tuple[str, ...], list[Row]]:
    """The twin's rows of each group."""
    derived = DERIVED.get(endpoint.name, {})
    names = [leaf for leaf in leaves if leaf not in measures_of(endpoint)]
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        key = (derived[leaf](studio, row) if leaf in derived else at(row, leaf) for leaf in names)
        found[key_of(list(key))].append(row)
    assert all(leaf in derived or leaf in twin_of(endpoint).paths for leaf in names), names
    return found


def periods(
    studio: Studio, endpoint: Endpoint[..., Any], rows: Sequence[Row], pivot: str, most: int
) -> list[str]:
    """The newest periods that rows lie in, oldest first."""
    form = _PERIODS.get(pivot.removeprefix("active_by_"))
    if form is None:
        return []
    begun = {f"{_PIVOTS[endpoint.name](studio, row):{form}}" for row in rows}
    return sorted(begun)[-most:] if most else []


def in_period(
    studio: Studio, endpoint: Endpoint[..., Any], rows: Sequence[Row], pivot: str, period: str
) -> int:
    """How many rows lie in a period, or were active then."""
    if pivot.startswith("active_by_"):
        return sum(row["start_date"][: len(period)] <= period <= _ended(row)[: len(period)] for row in rows)
    form = _PERIODS[pivot]
    return sum(f"{_PIVOTS[endpoint.name](studio, row):{form}}" == period for row in rows)


def _ended(row: Row) -> str:
    return str(row["cancelled_date"] or (row["completed_at"] or "9999-12-31")[:10])
