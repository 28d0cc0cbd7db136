"""Every declared endpoint is served: rows fit their classes, filters filter, grouped reports group."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import attrs
import msgspec
import pytest

from teamup_async.endpoints import ENDPOINTS
from teamup_async.rows import expandable_paths
from teamup_async.sandbox import Sandbox
from teamup_async.sandbox.data.clock import NOW
from teamup_async.sandbox.data.filters import by_name
from teamup_async.sandbox.data.subjects import served_from

ALL = list(ENDPOINTS)
REPORTS = [endpoint for endpoint in ALL if endpoint.envelope.headed]
LISTS = [endpoint for endpoint in ALL if not endpoint.envelope.headed]
GROUPED = [endpoint for endpoint in REPORTS if endpoint.grouped]
OTHER_WORDS = {("lists.customer_memberships", "status"), ("lists.waivers", "status")}
"""Filters whose values differ from those in the rows."""
SPECIAL = {
    "columns",
    "sort",
    "pivot",
    "max_pivot_columns",
    "expand",
    "fields",
    "id_gt",
    "extra_customer_fields",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One studio for all tests here, which change nothing."""
    with Sandbox.in_thread(rows=600, course_sessions=130, rate=None) as shared:
        yield shared


def named(endpoint: Any) -> str:
    return endpoint.full_name


def at(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


async def rows_of(call: Any, endpoint: Any, **params: Any) -> list[Any]:
    """All rows of an endpoint, page by page."""
    found: list[Any] = []
    page = 1
    while True:
        asked = {"format": "json", "page": page, "page_size": 100, **params}
        answered = await call(endpoint.path, **asked)
        if answered.status == 404 and page > 1:
            return found
        assert answered.status == 200, (endpoint.full_name, params, answered.body)
        rows = answered.body[endpoint.envelope.rows]
        found += rows
        if len(rows) < 100:
            assert answered.body[endpoint.envelope.total] == len(found)
            return found
        page += 1


def all_columns(endpoint: Any) -> dict[str, Any]:
    return {"columns": list(endpoint.columns)} if endpoint.columns else {}


@pytest.mark.parametrize("endpoint", ALL, ids=named)
def test_the_studio_knows(endpoint: Any) -> None:
    """Each column and each filter has a meaning in the tables."""
    subject = served_from(endpoint)
    assert subject is not None
    paths = subject.paths(NOW, "gbp")
    unknown: set[str] = set()
    for name in {parameter.name for parameter in endpoint.filters} - SPECIAL - subject.filters.keys():
        try:
            by_name(endpoint, paths, subject.names, name)
        except LookupError:
            unknown.add(name)

    assert unknown == set()


@pytest.mark.parametrize("endpoint", ALL, ids=named)
async def test_rows_fit(call: Any, sandbox: Sandbox, endpoint: Any) -> None:
    """Every row decodes into the declared class without a stranger among its fields; ids are unique,
    and those that the sandbox says.
    """
    rows = await rows_of(call, endpoint, **all_columns(endpoint))

    known = {field.name for field in attrs.fields(endpoint.row)}
    assert rows
    for row in rows:
        assert isinstance(msgspec.convert(row, endpoint.row), endpoint.row)
        assert set(row) <= known
    if endpoint.has_id and not endpoint.grouped:
        assert sorted(row["id"] for row in rows) == sandbox.ids(endpoint.full_name)
        assert len({row["id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("endpoint", [e for e in LISTS if "expand" in {p.name for p in e.filters}], ids=named)
async def test_expansion(call: Any, endpoint: Any) -> None:
    """Everything that can be expanded at once is, and still fits; without, deferred fields are absent."""
    paths = expandable_paths(endpoint.row)
    plain = (await call(endpoint.path, page_size=20)).body["results"]
    whole = (await call(endpoint.path, page_size=20, expand=",".join(paths))).body["results"]
    deferred = {
        field.name for field in attrs.fields(endpoint.row) if field.metadata.get("teamup_async.deferred")
    }

    assert len(plain) == len(whole) > 0
    for row, expanded in zip(plain, whole, strict=True):
        assert isinstance(msgspec.convert(expanded, endpoint.row), endpoint.row)
        assert not deferred & set(row)
        assert deferred <= set(expanded)
        assert {**row, **expanded} == expanded
    for path in paths:
        if "." not in path and not any(path == name for name in deferred):
            assert any(isinstance(row[path], (dict, list)) or row[path] is None for row in whole), path


@pytest.mark.parametrize("endpoint", [e for e in LISTS if e.retrieve], ids=named)
async def test_one_object(call: Any, endpoint: Any) -> None:
    """`GET /X/{id}` answers the object that the list has, and 404 for an id that there is not."""
    listed = (await call(endpoint.path, page_size=5)).body["results"]
    for row in listed:
        answered = await call(f"{endpoint.path}/{row['id']}")
        assert (answered.status, answered.body) == (200, row)

    assert (await call(f"{endpoint.path}/999999999")).status == 404


def _instant(value: Any) -> Any:
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
        return datetime.fromisoformat(value if "T" in value else f"{value}T00:00:00+00:00")
    return value


def _row_path(endpoint: Any, stem: str) -> str | None:
    """The path of the row that a parameter's stem names, by the plainest reading."""
    for name in (
        endpoint.canonical(stem),
        f"{stem}.id",
        f"{stem.removesuffix('s')}.id",
        stem.removesuffix("s"),
    ):
        if name in endpoint.paths:
            return name
    return None


def _checked(endpoint: Any) -> list[Any]:
    """The filters that can be compared with a column of the rows."""
    return [
        parameter
        for parameter in endpoint.filters
        if parameter.name not in SPECIAL
        and parameter.name not in ("instructors", "query", "ids", "booking_sources", "payment_processors")
        and (endpoint.full_name, parameter.name) not in OTHER_WORDS
        and _row_path(endpoint, _stem(parameter)) is not None
    ]


def _stem(parameter: Any) -> str:
    stem: str = parameter.name.removesuffix("_gte").removesuffix("_lte")
    return stem


def _asked(parameter: Any, path: str, middle: str) -> tuple[Any, Callable[[Any], bool]]:
    """A value for a filter, and what it leaves by a plain look at the column."""
    if parameter.name.endswith(("_gte", "_lte")):
        bound = _instant(middle)
        given = bound.date() if parameter.kind == "date" else bound
        later = parameter.name.endswith("_gte")

        def holds(row: Any) -> bool:
            value = _instant(at(row, path))
            if value is None:
                return False
            here = value.date() if type(given) is date else value
            return bool(here >= given if later else here <= given)

        return given.isoformat(), holds
    if parameter.kind == "boolean":
        return True, lambda row: at(row, path) is True
    return (
        [middle] if parameter.array and not parameter.comma else middle,
        lambda row: str(at(row, path)) == middle,
    )


@pytest.mark.parametrize(
    "endpoint",
    [e for e in ALL if not e.grouped and _checked(e)],
    ids=named,
)
async def test_filters_filter(call: Any, endpoint: Any) -> None:
    """Each filter leaves exactly the rows that a plain look at its column leaves."""
    everything = await rows_of(call, endpoint)
    tried = 0
    for parameter in _checked(endpoint):
        path = _row_path(endpoint, _stem(parameter))
        values = sorted({str(at(row, path)) for row in everything if at(row, path) not in (None, "")})
        if not values or path is None:
            continue
        asked, holds = _asked(parameter, path, values[len(values) // 2])
        found = await rows_of(call, endpoint, **{parameter.name: asked})
        assert found == [row for row in everything if holds(row)], parameter.name
        tried += 1

    assert tried


PIVOTS = [
    (endpoint, pivot)
    for endpoint in GROUPED
    for p in endpoint.filters
    if p.name == "pivot"
    for pivot in p.enum
]


@pytest.mark.parametrize(("endpoint", "pivot"), PIVOTS, ids=[f"{e.name}-{pivot}" for e, pivot in PIVOTS])
async def test_every_pivot(call: Any, endpoint: Any, pivot: str) -> None:
    """A pivot adds a column for each of the newest periods, oldest first, with counts of at most `count`."""
    column = next(name for name in endpoint.columns if "status" in name)
    page = await call.report(endpoint.name, columns=[column, "count"], pivot=pivot, max_pivot_columns=12)
    keys = [header["key"] for header in page["column_headers"]][2:]

    assert bool(keys) == (pivot != "all")
    assert keys == sorted(keys)
    assert len(keys) <= 12
    for row in page["rows"]:
        assert all(0 <= row[key] <= row["count"] for key in keys)
    assert not keys or any(row[key] for row in page["rows"] for key in keys)


@pytest.mark.parametrize("endpoint", GROUPED, ids=named)
async def test_groups_are_distinct(call: Any, endpoint: Any) -> None:
    """For each column the groups are distinct, and their counts add up to the same number."""
    sums: set[Any] = set()
    for column in endpoint.columns:
        leaves = endpoint.leaves([column])
        if any(leaf in endpoint.measures for leaf in leaves):
            continue
        measured = "count" if "count" in endpoint.measures else None
        rows = await rows_of(call, endpoint, columns=[column, *([measured] if measured else [])])
        keys = Counter(str([at(row, leaf) for leaf in leaves]) for row in rows)
        assert keys
        assert set(keys.values()) == {1}, column
        if measured:
            sums.add(sum(int(row[measured]) for row in rows))

    assert len(sums) == (1 if "count" in endpoint.measures else 0)


async def test_one_studio_of_any_size(call: Any) -> None:
    """A studio of no rows, and one of a few, serve everything as well."""
    for rows in (0, 1, 30):
        async with Sandbox(rows=rows, rate=None) as sandbox:
            other = attrs.evolve(call, sandbox=sandbox)
            for endpoint in ALL:
                await rows_of(other, endpoint, **all_columns(endpoint))


async def test_the_order_of_questions_does_not_matter(call: Any) -> None:
    """Tables are made when they are first asked for, the same whichever is asked for first."""
    seen: list[dict[str, Any]] = []
    for order in (ALL, ALL[::-1]):
        async with Sandbox(rows=200, seed=7, rate=None) as sandbox:
            other = attrs.evolve(call, sandbox=sandbox)
            seen.append({e.full_name: await rows_of(other, e, **all_columns(e)) for e in order})

    assert seen[0] == seen[1]
