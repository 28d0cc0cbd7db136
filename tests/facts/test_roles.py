"""What declarations say of their own parameters: the order, the span, the future, how a copy is kept up to date."""

from typing import Any

import pytest

from teamup_async.endpoint import Changed, Endpoint, Growing, Recent
from teamup_async.endpoints import ENDPOINTS
from teamup_async.rows import expandable_paths, field_paths

by_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)


def kinds(endpoint: Endpoint[..., Any]) -> dict[str, str]:
    """The kind of each parameter that takes one value."""
    return {parameter.name: parameter.kind for parameter in endpoint.filters if not parameter.array}


@by_endpoint
def test_order(endpoint: Endpoint[..., Any]) -> None:
    """The order of a walk names a field of the row, a value of ``sort`` both ways, and filters that exist."""
    if endpoint.order is None:
        return
    order = endpoint.order
    [sort] = (parameter for parameter in endpoint.filters if parameter.name == "sort")
    above = order.field.rpartition(".")[0]
    assert order.field in (field_paths(endpoint.row) if above else endpoint.paths)
    assert not above or above in expandable_paths(endpoint.row)
    assert {order.sort, f"-{order.sort}"} <= set(sort.enum)
    assert {order.gte, order.lte} - {None} <= kinds(endpoint).keys()


@by_endpoint
def test_span(endpoint: Endpoint[..., Any]) -> None:
    """The span of time names a field of the row and two filters of the same kind."""
    if endpoint.span is None:
        return
    span = endpoint.span
    assert span.field in endpoint.paths or span.field is None
    assert kinds(endpoint)[span.gte] == kinds(endpoint)[span.lte]


@by_endpoint
def test_future(endpoint: Endpoint[..., Any]) -> None:
    """Every endpoint that can include the future says by which parameter."""
    documented = "include_future" if "include_future" in kinds(endpoint) else None
    assert endpoint.future == documented


@by_endpoint
def test_sync(endpoint: Endpoint[..., Any]) -> None:
    """What keeps a copy up to date is there: the field and the filter, the span, or ``id_gt``, and always an id."""
    match endpoint.sync:
        case Changed(field=field, gte=gte, unit=unit):
            assert field in endpoint.paths
            assert kinds(endpoint)[gte] == unit
            assert endpoint.has_id
        case Recent():
            assert endpoint.span is not None
            assert endpoint.span.field is not None
            assert endpoint.has_id
        case Growing():
            assert "id_gt" in kinds(endpoint)
            assert endpoint.has_id
        case _:
            pass
