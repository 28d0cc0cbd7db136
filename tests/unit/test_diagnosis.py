"""What a diagnosis says of its findings, and what a probe sees of an answer."""

import json

import msgspec
import pytest

from teamup_async import endpoint_named
from teamup_async.dialect import UNKNOWNS, Dialect
from teamup_async.doctor.diagnosis import Diagnosis, Finding, found, skipped, undecided
from teamup_async.doctor.reply import ABSENT, Reply, value_at

ATTENDANCES = endpoint_named("attendances")


def reply(data: object, **more: object) -> Reply:
    """An answer with this JSON."""
    return Reply("GET /x", **{"status": 200, "body": msgspec.json.encode(data), **more})


def test_a_diagnosis() -> None:
    """Findings come in the order of the fields; what is not the default is the dialect, and a line of Python."""
    diagnosis = Diagnosis.of(
        [
            found("sort_by_id", "ignored", "ids do not rise", reply({"rows": []})),
            found("arrays", "repeat", "both came"),
            skipped("quota_of", "two tokens | one business"),
        ],
        7,
    )

    assert [one.field for one in diagnosis.findings] == [unknown.name for unknown in UNKNOWNS]
    assert diagnosis.dialect == Dialect(sort_by_id="ignored")
    assert diagnosis.found == {"arrays": "repeat", "sort_by_id": "ignored"}
    assert diagnosis.deviations == {"sort_by_id": "ignored"}
    assert diagnosis.python == 'TeamUp(dialect=Dialect(sort_by_id="ignored"))'
    assert diagnosis.finding("ties") == undecided("ties", "nothing was asked that would show it")
    with pytest.raises(KeyError):
        diagnosis.finding("tie")


def test_what_it_writes() -> None:
    """JSON has every finding; the report is a table with a line for each, and the evidence below."""
    diagnosis = Diagnosis.of(
        [found("ties", "changing", "two orders", reply({"rows": [{}]})), skipped("quota_of", "a | b")], 7
    )
    told = json.loads(json.dumps(diagnosis.to_json()))
    report = diagnosis.report()

    assert told["dialect"] == {"ties": "changing"}
    assert [Finding(**{**one, "evidence": tuple(one["evidence"])}) for one in told["findings"]] == list(
        diagnosis.findings
    )
    assert "| `ties` | `changing` (not the default) | two orders |" in report
    assert "| `quota_of` | skipped | a \\| b |" in report
    assert "* `ties`\n  * GET /x: 200, 1 row\n" in report
    assert "in 7 requests" in report


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (reply({"rows": [{}, {}]}), "GET /x: 200, 2 rows"),
        (reply([], kind="text/csv"), "GET /x: 200, text/csv"),
        (reply({}, status=404), "GET /x: 404"),
        (
            Reply("GET /x", problem="no answer (RequestTimeoutError)"),
            "GET /x: no answer (RequestTimeoutError)",
        ),
    ],
)
def test_an_answer_in_words(answer: Reply, text: str) -> None:
    """An answer says what was asked, the status, and how many rows or what else came."""
    assert str(answer) == text


def test_an_answer() -> None:
    """Rows, ids, total and columns of a report or a list; nothing of them where it is no page."""
    page = reply(
        {"total": 3, "column_headers": [{"key": "id", "label": "ID"}, 7], "rows": [{"id": 1}, {"id": "x"}]}
    )
    listed = reply({"count": "3", "results": [{"id": 2}]})

    assert (page.ok, page.ids, page.total, page.keys, list(page.columns)) == (
        True,
        [1],
        3,
        ["id"],
        [("id", "ID")],
    )
    assert (listed.ok, listed.ids, listed.total, listed.keys) == (True, [2], None, [])
    for odd in (
        reply({"rows": 3}),
        reply({"rows": [3]}),
        reply([1]),
        reply({"rows": []}, status=400),
        Reply("x", body=b"\xff"),
    ):
        assert not odd.ok
    assert (reply(3).rows, reply(3).total, reply(3).columns, reply({}).ids) == ((), None, (), [])
    assert [reply({}, status=status).refused for status in (200, 400, 401, 404, 429, 500)] == [
        False,
        True,
        False,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ({"customer": {"id": 1}}, 1),
        ({"customer.id": 2}, 2),
        ({"customer_id": 3}, 3),
        ({"customer": None}, None),
        ({"customer": {}}, ABSENT),
        ({"customer": 4}, ABSENT),
        ({}, ABSENT),
    ],
)
def test_a_value(row: dict[str, object], value: object) -> None:
    """The value of a column is found under each name that a row may give it."""
    assert value_at(ATTENDANCES, row, "customer.id") is value
