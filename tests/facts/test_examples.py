"""The examples in the API's documents are read into the row classes, whole."""

import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import attrs
import pytest

from teamup_async._decoding.exact import structure_page
from teamup_async._decoding.fast import decode
from teamup_async.lists.course_sessions import COURSE_SESSIONS, CourseSession
from tests.facts.compare import example
from tests.facts.test_declarations import COMPARED

EXPANDED = {
    "venue": lambda found: {"venue": found},
    "venue_room": lambda found: {"venue": {"venue_rooms": [found]}},
    "instructor": lambda found: {"instructors": [found]},
    "course": lambda found: {"course": found},
    "membership": lambda found: {"course": {"offering_type": {"memberships": [found]}}},
}
"""Where each example of an object belongs in a course session."""

both_paths = pytest.mark.parametrize("read", [decode, structure_page])


def assert_same(read: Any, sent: Any, path: str = "$") -> None:
    """Assert that what was read holds all that was sent, in its own type."""
    if isinstance(sent, dict):
        for name, value in sent.items():
            found = read[name] if isinstance(read, dict) else getattr(read, name)
            assert_same(found, value, f"{path}.{name}")
    elif isinstance(sent, list):
        assert len(read) == len(sent), path
        for index, value in enumerate(sent):
            assert_same(read[index], value, f"{path}[{index}]")
    elif isinstance(read, Decimal) and isinstance(sent, str):
        assert read == Decimal(sent), path
    elif isinstance(read, datetime | date | time):
        assert read == type(read).fromisoformat(sent), path
    else:
        assert read == sent, path


@both_paths
@pytest.mark.parametrize("endpoint", COMPARED, ids=lambda endpoint: endpoint.name)
def test_examples(endpoint, read):
    """The example answer of each endpoint keeps each of its values, on the fast and on the exact path."""
    # "string" stands for any text in the examples, also where the text is an amount.
    body = example(endpoint.name).replace(b'"decimal": "string"', b'"decimal": "12.50"')
    sent = json.loads(body)
    page = read(endpoint, body)

    assert page.total == sent[endpoint.envelope.total]
    assert all(type(row) is endpoint.row for row in page.rows)
    assert_same(page.rows, sent[endpoint.envelope.rows])
    assert_same(page.headers, sent.get("column_headers", []))


@both_paths
@pytest.mark.parametrize("name", EXPANDED)
def test_expanded_examples(name, read):
    """The example of each object that a course session can hold is read into its class, where it is expanded."""
    placeholder = b'"string"', b'"09:30:00"'  # the documents' own example of a time of day is no time
    body = example(f"objects/{name}")
    for key in (b'"start": ', b'"end": '):
        body = body.replace(key + placeholder[0], key + placeholder[1])
    session = EXPANDED[name](json.loads(body))
    page = read(COURSE_SESSIONS, json.dumps({"count": 1, "results": [session]}).encode())

    assert_same(page.rows, [session])


@both_paths
def test_references(read):
    """Unexpanded, a course session holds ids and URLs; expanded in a circle, it holds itself."""
    inner = {"id": 2, "starts_at": "2025-01-01T09:00:00+01:00"}
    sessions = [
        {"venue": 1, "course": 2, "instructors": "https://goteamup.com/api/v2/related_collection"},
        {"course": {"course_sessions": [inner]}, "venue": {"venue_rooms": [{"venue": {"id": 3}}]}},
        {"course": None, "venue": None, "instructors": []},
    ]
    page = read(COURSE_SESSIONS, json.dumps({"count": 3, "results": sessions}).encode())

    assert_same(page.rows, sessions)
    assert type(page.rows[1].course.course_sessions[0]) is CourseSession
    assert attrs.asdict(page.rows[2]) == attrs.asdict(CourseSession(instructors=[]))
