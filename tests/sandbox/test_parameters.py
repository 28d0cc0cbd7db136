"""Query strings are checked against the declarations, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.dialect import Dialect
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import endpoint_named
from teamup_async.query import Parameter
from teamup_async.sandbox import Sandbox
from teamup_async.sandbox.dialects.requests import understood
from teamup_async.sandbox.parameters import check, page_of
from teamup_async.sandbox.problems import ProblemError
from tests.endpoints import TYPICAL

ALL = [(endpoint, parameter) for endpoint in TYPICAL for parameter in endpoint.parameters]
NAMES = [f"{endpoint.name}-{parameter.name}" for endpoint, parameter in ALL]


def required(endpoint: Endpoint[..., Any]) -> list[tuple[str, str]]:
    return [(p.name, p.enum[0]) for p in endpoint.parameters if p.required]


def good(parameter: Parameter) -> str:
    if parameter.enum:
        return parameter.enum[-1]
    moment = "2025-01-02T03:04:05" if parameter.local else "2025-01-02T03:04:05+01:00"
    return {"integer": "1", "number": "1", "boolean": "true", "date-time": moment, "string": "1"}[
        parameter.kind
    ]


def bad(parameter: Parameter) -> list[str]:
    found = ["nonsense"] if parameter.enum or parameter.kind != "string" else []
    if parameter.minimum is not None:
        found.append(str(parameter.minimum - 1))
    if parameter.maximum is not None:
        found.append(str(parameter.maximum + 1))
    if parameter.min_length:
        found.append("")
    if parameter.pattern:
        found.append("x1")
    if parameter.kind == "date-time" and not parameter.local:
        found.append("2025-01-02T03:04:05")
    return found


@pytest.mark.parametrize(("endpoint", "parameter"), ALL, ids=NAMES)
def test_every_declared_parameter(endpoint: Endpoint[..., Any], parameter: Parameter) -> None:
    """A value that fits the declaration passes; one against its type, enum, limits or pattern is refused by name."""
    others = [pair for pair in required(endpoint) if pair[0] != parameter.name]

    assert parameter.name in check(endpoint, [*others, (parameter.name, good(parameter))])
    for text in bad(parameter):
        with pytest.raises(ProblemError) as refused:
            check(endpoint, [*others, (parameter.name, text)])
        assert refused.value.status == 400
        assert list(refused.value.field_errors) == [parameter.name]


@pytest.mark.parametrize("endpoint", TYPICAL, ids=lambda endpoint: endpoint.name)
def test_unknown_parameters(endpoint: Endpoint[..., Any]) -> None:
    """A parameter that no document has is refused by name."""
    with pytest.raises(ProblemError) as refused:
        check(endpoint, [*required(endpoint), ("colums", "id")])

    assert refused.value.field_errors == {"colums": ["Unknown parameter."]}


def test_required_columns() -> None:
    """Grouped reports need columns."""
    with pytest.raises(ProblemError) as refused:
        check(endpoint_named("attendance_strikes.grouped"), [])

    assert refused.value.field_errors == {"columns": ["This field is required."]}


def test_a_scalar_given_twice() -> None:
    """A parameter that takes one value is refused when it comes twice."""
    with pytest.raises(ProblemError, match="more than once"):
        check(endpoint_named("attendances"), [("limit", "1"), ("limit", "2")])


REPEATED = [("status", "attended"), ("status", "no_show")]
COMMA = [("status", "attended,no_show")]
BRACKETS = [("status[]", "attended"), ("status[]", "no_show")]


@pytest.mark.parametrize(
    ("arrays", "pairs", "expected"),
    [
        ("repeat", REPEATED, ("attended", "no_show")),
        ("repeat", COMMA, "refused"),
        ("repeat", BRACKETS, "refused"),
        ("comma", REPEATED, ("no_show",)),
        ("comma", COMMA, ("attended", "no_show")),
        ("comma", BRACKETS, "refused"),
        ("brackets", REPEATED, None),
        ("brackets", COMMA, None),
        ("brackets", BRACKETS, ("attended", "no_show")),
    ],
)
def test_array_encodings(arrays: Any, pairs: list[tuple[str, str]], expected: Any) -> None:
    """Arrays are understood in the one way that was chosen. Others are misunderstood as Django does: the last value
    counts, or the filter is not looked at.
    """
    endpoint, dialect = endpoint_named("attendances"), Dialect(arrays=arrays)
    if expected == "refused":
        with pytest.raises(ProblemError):
            check(endpoint, understood(dialect, endpoint, pairs))
    else:
        assert check(endpoint, understood(dialect, endpoint, pairs)).get("status") == expected


@pytest.mark.parametrize("arrays", ["repeat", "comma", "brackets"])
def test_documented_commas(arrays: Any) -> None:
    """`expand` and `fields` are separated by commas, whatever is chosen for the other arrays."""
    endpoint, dialect = endpoint_named("course_sessions"), Dialect(list_arrays=arrays)

    def checked(*pairs: tuple[str, str]) -> Any:
        return check(endpoint, understood(dialect, endpoint, list(pairs)))

    assert checked(("expand", "venue,course"))["expand"] == ("venue", "course")
    with pytest.raises(ProblemError):
        checked(("expand", "venue"), ("expand", "course"))


def test_both_paginations_at_once() -> None:
    """The documents do not say which pair wins: the sandbox refuses both at once."""
    with pytest.raises(ProblemError) as refused:
        page_of(endpoint_named("attendances"), {"page": 1, "limit": 10})

    assert "non_field_errors" in refused.value.field_errors


@given(page=st.integers(1, 10**6), size=st.integers(1, 100))
def test_pages_and_offsets(page: int, size: int) -> None:
    """A page is a stretch of offsets, in reports and lists alike."""
    for name in ("attendances", "course_sessions"):
        found = page_of(endpoint_named(name), {"page": page, "page_size": size})
        assert (found.offset, found.limit) == ((page - 1) * size, size)


def test_default_sizes() -> None:
    """Documented defaults: 50 rows by offset; 100 objects of a list (guide "pagination")."""
    assert page_of(endpoint_named("attendances"), {}).limit == 50
    assert page_of(endpoint_named("course_sessions"), {}).limit == 100


@given(pairs=st.lists(st.tuples(st.sampled_from([p.name for _, p in ALL]) | st.text(), st.text())))
def test_any_query_string(pairs: list[tuple[str, str]]) -> None:
    """Whatever comes is either understood or refused with the documented envelope."""
    for endpoint in TYPICAL:
        for arrays in ("repeat", "comma", "brackets"):
            dialect = Dialect.parse(f"arrays={arrays} list_arrays={arrays}")
            try:
                check(endpoint, understood(dialect, endpoint, pairs))
            except ProblemError as problem:
                assert problem.status == 400
                assert set(problem.body) == {"code", "message", "type", "field_errors"}


async def test_over_http(call: Any) -> None:
    """A refusal arrives as the documented error envelope."""
    answered = await call("/reports/attendances/data", status="lost", limit=101)

    assert answered.status == 400
    assert answered.body["type"] == "invalid_request_error"
    assert set(answered.body["field_errors"]) == {"status", "limit"}


async def test_encoding_of_a_running_sandbox(session: Any) -> None:
    """`array_encoding` decides how a running sandbox reads arrays."""
    async with Sandbox(rows=50, array_encoding="comma") as sandbox:
        headers = {"Authorization": f"Token {sandbox.token}"}
        url = f"{sandbox.url}/reports/attendances/data"
        async with session.get(
            url, params={"columns": "id,status", "format": "json"}, headers=headers
        ) as answer:
            assert set((await answer.json())["rows"][0]) == {"id", "status"}
