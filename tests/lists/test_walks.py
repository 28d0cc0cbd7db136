"""Every list is walked over HTTP, and says of itself what it proved."""

from datetime import date, datetime
from typing import Any, get_type_hints

import attrs
import pytest

from teamup_async import TeamUp
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS
from teamup_async.envelope import LIST
from teamup_async.lists.attendances import ATTENDANCES
from teamup_async.rows import expandable_paths, extra_fields
from teamup_async.sandbox import Sandbox

LISTS: list[Endpoint[..., Any]] = [endpoint for endpoint in ENDPOINTS if endpoint.envelope is LIST]

by_list = pytest.mark.parametrize("endpoint", LISTS, ids=lambda endpoint: endpoint.name)


@by_list
async def test_every_row_once(endpoint: Endpoint[..., Any], sandbox: Sandbox, teamup: TeamUp) -> None:
    """Every row comes once, in small pages too, and the walk claims no proof that it can't have."""
    stream = teamup.stream(endpoint).paged(size=7)
    rows = await stream.collect()

    assert len(rows) == len(sandbox.ids(endpoint.key)) > 0
    if endpoint.has_id:
        assert sorted(row.id for row in rows) == sandbox.ids(endpoint.key)
    assert stream.integrity.finished
    assert stream.integrity.steady == (endpoint.order is not None)
    assert stream.integrity.unproved


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"fields": ["id", "status"]},
        {"fields": ["id", "event"]},
        {"fields": ["event", "customer"]},
        {"expand": ["customer"]},
        {"expand": ["event"]},
        {"expand": ["event.venue"], "fields": ["id", "event.venue"]},
        {"expand": ["event"], "fields": ["id", "event.name"]},
    ],
    ids=str,
)
async def test_key_in_an_object(asked: dict[str, Any], sandbox: Sandbox, teamup: TeamUp) -> None:
    """Attendances are walked by the start of their events; whoever did not ask for these sees their ids, as without
    an order, and nothing that was not asked for.
    """
    stream = teamup.lists.attendances(**asked).paged(size=20)
    rows = await stream.collect()
    plain = await teamup.lists.attendances(sort=[], **asked).collect()

    assert stream.integrity.steady
    sent = [dict(request.params).get("sort") for request in sandbox.log if request.path == ATTENDANCES.path]
    assert set(sent) == {"event_starts_at", None}
    assert sorted(rows, key=repr) == sorted(plain, key=repr)
    starts = {row["id"]: row["starts_at"] for row in await _events(teamup)}
    if asked == {}:
        times = [starts[row.event] for row in rows]
        assert times == sorted(times)


async def _events(teamup: TeamUp) -> list[Any]:
    return [{"id": row.id, "starts_at": row.starts_at} for row in await teamup.events().collect()]


async def test_key_in_an_object_as_columns(teamup: TeamUp) -> None:
    """Tables of attendances are the same whether they were walked in an order or not."""
    ordered = await teamup.lists.attendances().to_arrow()
    plain = await teamup.lists.attendances(sort=[]).to_arrow()

    assert ordered.schema == plain.schema
    assert ordered.sort_by("id") == plain.sort_by("id")


async def test_nothing_unknown_is_left_of_an_object(teamup: TeamUp) -> None:
    """With extra="keep" too, a row carries nothing of an event that was not asked for."""
    narrow = attrs.evolve(ATTENDANCES, row=_Narrow, order=ATTENDANCES.order)
    rows = await teamup.stream(narrow).paged(extra="keep").collect()

    assert rows
    for row in rows:
        assert isinstance(row.event, int)
        assert not [path for path in extra_fields(row) if path.startswith("event")]


@by_list
async def test_largest_page(endpoint: Endpoint[..., Any], sandbox: Sandbox, teamup: TeamUp) -> None:
    """A page is as large as the document allows: 250 events, 100 rows of other lists."""
    assert endpoint.max_page_size == (250 if endpoint.name == "events" else 100)
    await teamup.stream(endpoint).collect()

    sizes = [int(value) for request in sandbox.log for name, value in request.params if name == "page_size"]
    assert max(sizes) <= 250


@by_list
async def test_as_tables(endpoint: Endpoint[..., Any], teamup: TeamUp) -> None:
    """Rows become tables, plain and with all that can be expanded; what was not asked for is no column."""
    plain = await teamup.stream(endpoint).to_arrow()
    deferred = {f.name for f in attrs.fields(endpoint.row) if f.metadata.get("teamup_async.deferred")}
    assert plain.num_rows > 0
    assert not deferred & {name.partition(".")[0] for name in plain.column_names}
    if "expand" in {parameter.name for parameter in endpoint.filters}:
        expand = [path for path in expandable_paths(endpoint.row) if "." not in path]
        expanded = await teamup.stream(endpoint, expand=expand).to_arrow()
        assert expanded.num_rows == plain.num_rows
        assert deferred <= {name.partition(".")[0] for name in expanded.column_names}


def test_days_as_keys() -> None:
    """Where docs/promises.md says that a key is a day, it is one."""
    for endpoint in LISTS:
        filters = {parameter.name: parameter for parameter in endpoint.filters}
        for value in filters["sort"].enum if "sort" in filters and endpoint.order is None else ():
            if f"{value}_gte" in filters and value in endpoint.paths:
                assert date in get_type_hints(endpoint.row)[value].__args__


@attrs.frozen(slots=False)
class _Event:
    """An event of which only two fields are known."""

    id: int | None = None
    starts_at: datetime | None = None


@attrs.frozen(slots=False)
class _Narrow:
    """An attendance at such an event."""

    id: int | None = None
    event: int | _Event | None = None
    status: str | None = None
