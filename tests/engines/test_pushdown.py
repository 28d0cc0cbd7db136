"""Conditions on columns as filters: they leave out nothing that the condition lets through."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest

from teamup_async import TeamUp
from teamup_async.endpoints import ENDPOINTS, endpoint_named
from teamup_async.integrations.pushdown import Condition, filters_of, narrowed
from teamup_async.sandbox import Sandbox

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
        ([("id", "gt", 7)], {"id_gt": 7}),
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


async def test_nothing_is_left_out() -> None:
    """For every report and list, and every filter that stands for a condition: the rows that the condition lets through
    are all among those that the filter gives.
    """
    checked = 0
    async with (
        Sandbox(rows=250, seed=4, rate=None) as sandbox,
        TeamUp(token=sandbox.token, base_url=sandbox.url, mode="provider", rate=None) as teamup,
    ):
        for endpoint in ENDPOINTS:
            if endpoint.grouped or any(p.required for p in endpoint.filters) or "id" not in endpoint.paths:
                continue
            rows = await teamup.stream(endpoint).collect()
            for path, relation in filters_of(endpoint):
                value = _value_of(rows, path)
                if value is None:
                    continue
                query = narrowed(endpoint, {}, [Condition(path, relation, (value,))])  # type: ignore[arg-type]
                if not query:
                    continue
                wanted = {row.id for row in rows if _lets(relation, _at(row, path), value)}
                got = {row.id for row in await teamup.stream(endpoint, **query).collect()}
                assert wanted <= got, (endpoint.key, path, relation, query)
                checked += 1
    assert checked > 100


def _at(row: Any, path: str) -> Any:
    try:
        return attrgetter(path)(row)
    except AttributeError:
        return None


def _value_of(rows: list[Any], path: str) -> Any:
    """A value in the middle, where there is one."""
    found = [
        value
        for row in rows
        if (value := _at(row, path)) is not None and not isinstance(value, (list, tuple))
    ]
    return sorted(found, key=str)[len(found) // 2] if found else None


def _lets(relation: str, have: Any, value: Any) -> bool:
    if have is None or type(have) is not type(value):
        return False
    return {"in": have == value, "ge": have >= value, "gt": have > value, "le": have <= value}[relation]
