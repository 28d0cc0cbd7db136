"""One object of a list by its id, over HTTP."""

from typing import Any

import attrs
import pytest

from teamup_async import NotFoundError, QueryError, ResponseDecodeError, TeamUp
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS
from teamup_async.envelope import LIST
from teamup_async.methods import RetrievableList
from teamup_async.sandbox import Sandbox, faults

LISTS: list[Endpoint[..., Any]] = [endpoint for endpoint in ENDPOINTS if endpoint.envelope is LIST]
RETRIEVABLE = [endpoint for endpoint in LISTS if endpoint.retrieve]

by_list = pytest.mark.parametrize("endpoint", RETRIEVABLE, ids=lambda endpoint: endpoint.name)


def test_which() -> None:
    """The 27 lists whose objects can be had by their id have a ``get``, the others have none."""
    assert len(RETRIEVABLE) == 27
    for endpoint in LISTS:
        method = getattr(TeamUp(token="t").lists, endpoint.name.replace(".", "_"))
        assert isinstance(method, RetrievableList) == endpoint.retrieve
        assert hasattr(method, "get") == endpoint.retrieve


@by_list
async def test_same_row(endpoint: Endpoint[..., Any], sandbox: Sandbox, teamup: TeamUp) -> None:
    """The object is the row that the list has for that id, read in one request."""
    row = await teamup.stream(endpoint).first()
    assert row is not None
    before = sandbox.requests

    method = getattr(teamup.lists, endpoint.name.replace(".", "_"))
    assert await method.get(row.id) == row
    assert sandbox.requests == before + 1
    assert sandbox.log[-1].path == f"{endpoint.path}/{row.id}"


async def test_expand_and_fields(teamup: TeamUp) -> None:
    """`expand` and `fields` do what they do in the list."""
    session = await teamup.course_sessions(expand=["venue"], fields=["id", "venue"]).first()
    assert session is not None

    found = await teamup.course_sessions.get(session.id or 0, expand=["venue"], fields=["id", "venue"])
    assert found == session
    assert not isinstance(found.venue, int)
    assert found.name is None


async def test_missing(teamup: TeamUp) -> None:
    """An id that nothing has is a `NotFoundError`."""
    with pytest.raises(NotFoundError):
        await teamup.venues.get(999_999_999)


@pytest.mark.parametrize(
    ("object_id", "given", "message"),
    [
        (True, {}, "id must be a whole number, not True"),
        ("12", {}, "id must be a whole number, not '12'"),
        (12, {"expand": ["rooms"]}, "expand does not know 'rooms'"),
        (12, {"fields": ["nmae"]}, "fields does not know 'nmae'; did you mean 'name'"),
    ],
)
async def test_refused(
    object_id: Any, given: dict[str, Any], message: str, sandbox: Sandbox, teamup: TeamUp
) -> None:
    """What can't be sent is refused before a request."""
    before = sandbox.requests
    with pytest.raises(QueryError, match=message):
        await teamup.venues.get(object_id, **given)
    assert sandbox.requests == before


async def test_undocumented(teamup: TeamUp) -> None:
    """A list whose document knows no such request, or no `expand` with it, says so."""
    with pytest.raises(QueryError, match="payment_methods documents no way to get one object by its id"):
        await teamup.retrieve(next(e for e in LISTS if e.name == "payment_methods"), 1)
    with pytest.raises(QueryError, match="customer-field-values has no filter 'expand'"):
        await teamup.customer_field_values.get(1, expand=["field"])


async def test_another_shape(sandbox: Sandbox, teamup: TeamUp) -> None:
    """What does not fit the row is an error with the path in the object; a broken answer is asked for again."""
    strict = attrs.evolve(next(e for e in LISTS if e.name == "venues"), row=_Numbered)
    venue = await teamup.venues().first()
    assert venue is not None
    with pytest.raises(ResponseDecodeError, match=r"shape of venues: \$\.name is '.*', not a whole number"):
        await teamup.retrieve(strict, venue.id or 0)
    sandbox.faults.add(faults.html(), times=1)
    assert await teamup.venues.get(venue.id or 0) == venue


@attrs.frozen
class _Numbered:
    """A venue whose name is a number, which none is."""

    id: int | None = None
    name: int | None = None
