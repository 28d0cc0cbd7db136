"""Conditions on columns as filters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from teamup_async.endpoints import endpoint_named
from teamup_async.integrations.pushdown import Condition, filters_of, narrowed

ATTENDANCES = endpoint_named("attendances")
NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(1)


@pytest.mark.parametrize(
    ("conditions", "values"),
    [
        ([("status", "in", "attended", "no_show")], {"status": ["attended", "no_show"]}),
        ([("status", "in", "attended"), ("status", "in", "late")], {"status": ["attended"]}),
        ([("status", "in", "attended", "nonsense")], {}),
        ([("customer.id", "in", 3, 4), ("customer.id", "in", 4, 5)], {"customers": [4]}),
        ([("customer.id", "in", "3")], {}),
        ([("event.starts_at", "gt", NOON)], {"event_start_gte": NOON}),
        ([("event.starts_at", "lt", NOON)], {"event_start_lte": NOON}),
        ([("event.starts_at", "ge", NOON), ("event.starts_at", "ge", LATER)], {"event_start_gte": LATER}),
        ([("event.starts_at", "le", NOON), ("event.starts_at", "le", LATER)], {"event_start_lte": NOON}),
        ([("event.starts_at", "ge", NOON.replace(tzinfo=None))], {}),
        ([("event.starts_at", "in", NOON)], {}),
        ([("event.starts_at", "gt", date(2025, 6, 1))], {}),
        ([("id", "gt", 7)], {"id_gt": 7}),
        ([("status", "in")], {}),
        ([("id", "ge", 7)], {}),
        ([("booking_method", "in", "x"), ("no.such", "in", 1)], {}),
    ],
)  # fmt: skip
def test_conditions(conditions: list[tuple[Any, ...]], values: dict[str, Any]) -> None:
    """What a declared filter can say becomes its value; everything else is left to the engine."""
    asked = [Condition(path, relation, tuple(wanted)) for path, relation, *wanted in conditions]
    assert narrowed(ATTENDANCES, {}, asked) == values


def test_given_filters_stay() -> None:
    """A condition only narrows what was asked for."""
    both = narrowed(
        ATTENDANCES,
        {"status": ("attended",), "event_start_gte": NOON},
        [
            Condition("status", "in", ("attended", "no_show")),
            Condition("event.starts_at", "ge", (NOON - timedelta(1),)),
        ],
    )
    assert both == {"status": ["attended"], "event_start_gte": NOON}


def test_days() -> None:
    """Where a filter takes days, a moment is as much as a day off in another time zone; days are taken as they are."""
    referrals = endpoint_named("customer_referrals")
    kinds = {key: parameter.kind for key, parameter in filters_of(referrals).items()}
    path = next(path for (path, relation), kind in kinds.items() if kind == "date" and relation == "ge")
    name = filters_of(referrals)[path, "ge"].name
    assert narrowed(referrals, {}, [Condition(path, "ge", (NOON,))]) == {name: date(2025, 5, 31)}
    assert narrowed(referrals, {}, [Condition(path, "ge", (date(2025, 6, 1),))]) == {name: date(2025, 6, 1)}
    later = name.replace("_gte", "_lte")
    assert narrowed(referrals, {}, [Condition(path, "lt", (NOON,))]) == {later: date(2025, 6, 2)}


def test_one_value() -> None:
    """A filter that takes one value says so much and no more: true or false, or one of several ids."""
    customers, codes = endpoint_named("customers"), endpoint_named("discount_codes")
    assert narrowed(customers, {}, [Condition("is_active", "in", (True,))]) == {"is_active": True}
    assert narrowed(customers, {}, [Condition("is_active", "in", (1,))]) == {}
    assert narrowed(customers, {"is_active": False}, [Condition("is_active", "in", (True,))]) == {
        "is_active": False
    }
    assert narrowed(codes, {}, [Condition("group.id", "in", (1, 2))]) == {}


def test_own_span() -> None:
    """A report without times of its own has no filter for them; filters in the venue's own time are not used."""
    assert not any(relation in ("ge", "le") for _, relation in filters_of(endpoint_named("lists.customers")))
    names = {parameter.name for parameter in filters_of(endpoint_named("events")).values()}
    assert not any(name.startswith("local_") for name in names)
