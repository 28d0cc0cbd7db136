"""What is said to TeamUp about export jobs, and what it answers."""

import json
from datetime import UTC, datetime
from itertools import islice

import pytest

from teamup_async._exports.job import JobState, body_of, pauses, read_job, read_started
from teamup_async.errors import ResponseDecodeError
from teamup_async.reports import ATTENDANCES, AttendancesQuery


def test_body() -> None:
    """The filters go out as JSON, columns and sort by the paths they stand for, and nothing that was not given."""
    query = AttendancesQuery(
        status=["attended"],
        columns=["customer_id", "id"],
        sort=["-customer_name"],
        event_start_gte=datetime(2025, 1, 1, tzinfo=UTC),
    )

    assert json.loads(body_of(ATTENDANCES, query, "csv")) == {
        "status": ["attended"],
        "columns": ["customer.id", "id"],
        "sort": ["-customer.name"],
        "event_start_gte": "2025-01-01T00:00:00Z",
        "format": "csv",
    }


def test_answers() -> None:
    """A job's number may come as text; how it stands may be left open."""
    assert read_started(b'{"job": "12"}') == 12
    assert read_job(b'{"id": 12, "object": "job", "result_url": null}') == JobState(id=12)


@pytest.mark.parametrize(
    ("read", "said"), [(read_started, "names no job"), (read_job, "is no job")], ids=["started", "job"]
)
@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": "x", "job": null}'])
def test_other_answers(read, said: str, body: bytes) -> None:
    """Anything else is an error that says where."""
    with pytest.raises(ResponseDecodeError, match=said) as caught:
        read(body)
    assert caught.value.json_path is not None


def test_pauses_grow() -> None:
    """The pauses grow from a second to half a minute."""
    first, *rest = islice(pauses(), 20)

    assert first == 1.0
    assert rest == sorted(rest)
    assert rest[-1] == 30.0
