"""Bytes become rows: two paths that agree, and errors that name the place."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teamup_async.convert import decode, hide
from teamup_async.endpoints import ENDPOINTS, endpoint_named
from teamup_async.errors import ResponseDecodeError
from teamup_async.exact import structure_page
from tests.unit.json_rows import page_of

ATTENDANCES = endpoint_named("attendances")
STRIKES = endpoint_named("attendance_strikes.grouped")
TAUGHT = endpoint_named("instructed_sessions")
SESSIONS = endpoint_named("course_sessions")
ENDPOINT_NAMES = [endpoint.name for endpoint in ENDPOINTS]

both_paths = pytest.mark.parametrize("read", [decode, structure_page])


def page(endpoint: Any, *rows: str, headers: str = "[]") -> bytes:
    name = endpoint.envelope.rows
    return f'{{"{name}":[{",".join(rows)}],"column_headers":{headers}}}'.encode()


def refused(endpoint: Any, body: bytes) -> ResponseDecodeError:
    with pytest.raises(ResponseDecodeError) as caught:
        decode(endpoint, body)
    error = caught.value
    assert len(error.excerpt) <= 200
    assert len(str(error)) < 1000
    return error


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=ENDPOINT_NAMES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_both_paths_agree(endpoint, data):
    """Whatever fits the row class is read by the fast path alone, and the exact path makes the same of it."""
    body = data.draw(page_of(endpoint)).encode()
    fast, exact = decode(endpoint, body), structure_page(endpoint, body)
    assert fast == exact
    assert repr(fast) == repr(exact)
    assert all(type(row) is endpoint.row for row in exact.rows)
