"""Conditions that are told to TeamUp leave out nothing that they let through: asked of a sandbox."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from teamup_async import TeamUp
from teamup_async.endpoints import ENDPOINTS
from teamup_async.integrations.pushdown import Condition, filters_of, narrowed
from teamup_async.sandbox import Sandbox


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
