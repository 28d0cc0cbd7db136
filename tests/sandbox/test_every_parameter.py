"""Every parameter of every endpoint, in any combination, does what a plain look at the rows says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teamup_async import Endpoint, endpoint_named
from teamup_async.endpoints import ENDPOINTS
from teamup_async.rows import expandable_paths, field_paths
from teamup_async.sandbox import Sandbox

from .groups import MEASURES, grouped, in_period, key_of, measures_of, periods
from .meanings import DEFAULTS, meaning
from .questions import filters, questions
from .special import TOLD
from .studio import Row, Studio, deferred, twin_of

EXAMPLES = int(os.environ.get("TEAMUP_ASYNC_QUESTIONS", "4"))
"""How many questions each endpoint is asked."""
ROWS = 150
"""Attendances of the studio."""
many = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
PLAIN = [endpoint.full_name for endpoint in ENDPOINTS if twin_of(endpoint) is endpoint]
GROUPED = [endpoint.full_name for endpoint in ENDPOINTS if twin_of(endpoint) is not endpoint]


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """A small studio in which some customers are deleted."""
    with Sandbox.in_thread(rows=ROWS, course_sessions=40, rate=None) as sandbox:
        for key in sandbox.ids("reports.customers")[::6]:
            sandbox.update("customers", [key], deleted_at=sandbox.now - timedelta(days=key % 50))
        with closing(Studio(sandbox)) as studio:
            yield studio


@pytest.mark.parametrize("name", [*PLAIN, *GROUPED])
def test_every_filter_has_a_meaning(name: str) -> None:
    """No filter of any endpoint is left out of what follows."""
    endpoint = endpoint_named(name)
    twin = twin_of(endpoint)
    without = [p.name for p in filters(endpoint) if p.name != "id_gt" and meaning(twin, p) is None]

    assert without == []


def left(studio: Studio, endpoint: Endpoint[..., Any], asked: dict[str, Any]) -> tuple[list[Row], set[int]]:
    """The rows that filters leave, and the places among them of those whose rows don't tell."""
    given_ = {
        name: value for name, value in DEFAULTS.items() if name in {p.name for p in endpoint.filters}
    } | asked
    parameters = {parameter.name: parameter for parameter in endpoint.filters}
    found: list[Row] = []
    unsure: set[int] = set()
    for row in studio.rows(endpoint.full_name):
        verdicts = []
        for name, value in given_.items():
            stays = meaning(endpoint, parameters[name])
            assert stays is not None
            verdicts.append(stays(studio, row, value))
        if all(verdict is not False for verdict in verdicts):
            if None in verdicts:
                unsure.add(len(found))
            found.append(row)
    if "active_customer" in asked:
        field, holds = TOLD[endpoint.full_name]
        found = [{**row, field: holds(studio, row, asked["active_customer"])} for row in found]
    return found, unsure


def at(row: Any, path: str) -> Any:
    """What a path leads to in nested objects, in each of a list; what is no object any more stays what it is."""
    name, _, rest = path.partition(".")
    if isinstance(row, list):
        return [at(each, path) for each in row]
    if not name or not isinstance(row, dict):
        return row
    return at(row.get(name), rest)


def order_of(value: Any) -> tuple[int, Any]:
    """Nothing comes first; numbers written as text are numbers."""
    if value is None:
        return 0, 0
    if isinstance(value, dict):
        return 1, value["decimal"]
    return 1, int(value) if str(value).isdecimal() else value


def in_order(studio: Studio, endpoint: Endpoint[..., Any], rows: list[Row], sort: list[str]) -> list[Row]:
    """Rows by several keys; those that share all of them stay as they are."""
    for name in reversed(sort):
        stem = name.removeprefix("-")
        path = {"start": "starts_at", "end": "ends_at", "event_starts_at": "event.starts_at"}.get(
            stem, endpoint.canonical(stem)
        )

        def key(row: Row, path: str = path) -> tuple[int, Any]:
            if endpoint.envelope.headed:
                return order_of(at(row, path))
            return order_of(next(iter(studio.values(row, path)), None))

        rows = sorted(rows, key=key, reverse=name.startswith("-"))
        if name.startswith("-"):
            rows = stable(rows, key)
    return rows


def stable(rows: list[Row], key: Any) -> list[Row]:
    """Python keeps rows that share a key in place, also the other way round."""
    return sorted(rows, key=key, reverse=True)


def sort_keys(studio: Studio, endpoint: Endpoint[..., Any]) -> list[str]:
    """What rows can be sorted by."""
    declared = next((p for p in endpoint.filters if p.name == "sort"), None)
    if declared is None:
        return []
    if declared.enum:
        return list(declared.enum)
    rows = studio.rows(endpoint.full_name)
    plain = [
        p for p in endpoint.paths if all(isinstance(at(r, p), (str, int, float, type(None))) for r in rows)
    ]
    return [f"{sign}{path}" for path in plain for sign in ("", "-")]


@pytest.mark.parametrize("name", PLAIN)
@many
@given(data=st.data())
def test_plain(name: str, studio: Studio, data: st.DataObject) -> None:
    """Filters leave the rows, sort puts them in the order, columns, fields and expand give them the form."""
    endpoint = endpoint_named(name)
    asked = data.draw(questions(studio, endpoint))
    expected, unsure = left(studio, endpoint, asked)
    names = {parameter.name for parameter in endpoint.filters}
    keys = sort_keys(studio, endpoint)
    sort = (
        data.draw(st.lists(st.sampled_from(keys), max_size=2, unique_by=lambda n: n.lstrip("-")))
        if keys
        else []
    )
    shape: dict[str, Any] = {"sort": sort} if sort else {}
    if endpoint.columns and data.draw(st.booleans()):
        chosen = data.draw(st.lists(st.sampled_from(endpoint.columns), min_size=1, max_size=4, unique=True))
        shape["columns"] = chosen
    if "fields" in names and data.draw(st.booleans()):
        paths = sorted(field_paths(endpoint.row))
        shape["fields"] = data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=4, unique=True))
    if "expand" in names and data.draw(st.booleans()):
        paths = [path for path in expandable_paths(endpoint.row) if path.count(".") < 2]
        shape["expand"] = (
            data.draw(st.lists(st.sampled_from(paths), max_size=3, unique=True)) if paths else []
        )
    if unsure:
        compare_sets(studio, endpoint, asked, expected, unsure)
        return
    expected = in_order(studio, endpoint, expected, sort)
    size = data.draw(st.integers(1, 100))
    page = data.draw(st.integers(1, max(1, -(-len(expected) // size))))
    answer = studio.get(endpoint, {**asked, **shape, "page": page, "page_size": size})

    assert answer[endpoint.envelope.total] == len(expected)
    rows = answer[endpoint.envelope.rows]
    some = expected[(page - 1) * size : page * size]
    assert len(rows) == len(some)
    for got, row in zip(rows, some, strict=True):
        if endpoint.envelope.headed:
            compare_columns(endpoint, got, row, shape.get("columns"))
        else:
            compare_object(studio, endpoint, got, row, shape.get("fields", ()), shape.get("expand", ()))


def compare_sets(
    studio: Studio, endpoint: Endpoint[..., Any], asked: dict[str, Any], expected: list[Row], unsure: set[int]
) -> None:
    """Every sure row is there; whatever else is there is among those that rows don't tell."""
    found = [row["id"] for row in studio.all_of(endpoint, asked)]
    sure = {row["id"] for place, row in enumerate(expected) if place not in unsure}

    assert len(set(found)) == len(found)
    assert sure <= set(found) <= {row["id"] for row in expected}


def compare_columns(endpoint: Endpoint[..., Any], got: Row, row: Row, columns: list[str] | None) -> None:
    """A row of a report has the columns asked for, and no others."""
    leaves = endpoint.leaves(columns) if columns else endpoint.paths

    assert set(got) == {leaf.partition(".")[0] for leaf in leaves}
    assert [at(got, leaf) for leaf in leaves] == [at(row, leaf) for leaf in leaves]


def compare_object(
    studio: Studio, endpoint: Endpoint[..., Any], got: Row, row: Row, fields: list[str], expand: list[str]
) -> None:
    """An object of a list has the fields asked for; what was expanded is the object with that id."""
    wanted = {path.partition(".")[0] for path in fields}
    whole = {path.partition(".")[0] for path in expand}
    late = set(deferred(endpoint.row)) - whole
    names = {name for name in row if name not in late and (not wanted or name in wanted)}

    assert set(got) == names
    for name in names - whole:
        if name not in fields:
            paths = [path for path in fields if path.startswith(f"{name}.")]
            assert all(at(got, path) == at(row, path) for path in paths)
        else:
            assert got[name] == row[name]
    for name in (names & whole) - {path.partition(".")[0] for path in fields if "." in path}:
        before = row[name]
        if type(before) is int:
            assert got[name].get("id", before) == before
        elif isinstance(before, list) and all(type(each) is int for each in before):
            assert [each["id"] for each in got[name]] == before
        elif before is None:
            assert got[name] is None
        elif isinstance(before, str) and before.startswith("http"):
            assert isinstance(got[name], (list, dict))
        elif not any(path.startswith(f"{name}.") for path in expand):
            assert got[name] == before


@pytest.mark.parametrize("name", GROUPED)
@many
@given(data=st.data())
def test_grouped(name: str, studio: Studio, data: st.DataObject) -> None:
    """A grouped report groups what its twin has left, and measures each group, in each period of a pivot too."""
    endpoint = endpoint_named(name)
    twin = twin_of(endpoint)
    asked = data.draw(questions(studio, endpoint))
    rows, unsure = left(studio, twin, asked)
    if unsure:
        return
    shape: dict[str, Any] = {}
    if endpoint.columns:
        shape["columns"] = data.draw(
            st.lists(st.sampled_from(endpoint.columns), min_size=1, max_size=3, unique=True)
        )
    pivots = next((p.enum for p in endpoint.filters if p.name == "pivot"), ())
    if pivots and data.draw(st.booleans()):
        shape["pivot"] = data.draw(st.sampled_from(pivots))
        shape["max_pivot_columns"] = data.draw(st.integers(1, 12))
    answer = studio.get(endpoint, {**asked, **shape, "page_size": 100})
    leaves = endpoint.leaves(shape["columns"]) if endpoint.columns else endpoint.paths
    groups = grouped(studio, endpoint, rows, leaves)
    pivot, most = shape.get("pivot", "all"), shape.get("max_pivot_columns", 4)
    shown = periods(studio, endpoint, rows, pivot, most)

    assert answer["total"] == len(groups)
    assert [header["key"] for header in answer["column_headers"]] == [*leaves, *shown]
    keys = [leaf for leaf in leaves if leaf not in measures_of(endpoint)]
    told = [key_of([at(row, leaf) for leaf in keys]) for row in answer["rows"]]
    assert len(set(told)) == len(told) == min(100, len(groups))
    for key, row in zip(told, answer["rows"], strict=True):
        for measure in set(leaves) - set(keys):
            assert MEASURES[measure](groups[key]) == pytest.approx(
                number(row[measure]), abs=OFF.get(measure, 1e-6)
            )
        for period in shown:
            assert in_period(studio, endpoint, groups[key], pivot, period) == (row[period] or 0)


OFF = {"average_hold_duration": 0.5}
"""What is rounded to whole days."""


def number(value: Any) -> float:
    """A measure, which may be money or text."""
    return float(value["decimal"] if isinstance(value, dict) else value)
