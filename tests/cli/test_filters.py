"""Filters as options: each works right behind the report's name, whichever the report and however many are named."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import attrs
import pytest

from teamup_async.cli.values import option_name
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS
from teamup_async.query import Parameter
from teamup_async.rows import expandable_paths, field_paths
from tests.endpoints import TYPICAL

VALUES = {"integer": "7", "number": "7", "boolean": "true", "date-time": "2025-01-31", "date": "2025-01-31"}
TEXTS = {
    "timeframe": "last_30_days",
    "instructors": "7",
    "extra_customer_fields": "1",
    "_gte": "2025-01-31T00:00Z",
    "_lte": "2025-01-31T00:00Z",
}


PARTICULAR = ("extra_customer_fields", "instructors")


def value_of(endpoint: Endpoint[..., Any], parameter: Parameter) -> str:
    """A value that the parameter takes."""
    known = {
        "sort": endpoint.columns or ("id",),
        "expand": tuple(expandable_paths(endpoint.row)),
        "fields": sorted(field_paths(endpoint.row)),
    }
    values = parameter.enum or known.get(parameter.name, ())
    if values:
        return values[0]
    if parameter.pattern:
        return "7"  # ids, or one word that is not the same everywhere
    text = next((text for ending, text in TEXTS.items() if parameter.name.endswith(ending)), "text")
    return VALUES.get(parameter.kind, text)


def words_for(endpoint: Endpoint[..., Any], parameter: Parameter) -> list[str]:
    """The option and its value; what else the report requires comes behind."""
    others = [other for other in endpoint.filters if other.required and other.name != parameter.name]
    words: list[str] = []
    for one in (parameter, *others):
        flag = one.kind == "boolean" and not one.array
        words += [option_name(one.name), *([] if flag else [value_of(endpoint, one)])]
    return words


def distinct() -> Iterator[tuple[Endpoint[..., Any], list[Parameter]]]:
    """Every report and list with those of its filters that none before it has in the same form; with one at least."""
    seen: set[Parameter] = set()
    for endpoint in ENDPOINTS:
        forms = {attrs.evolve(parameter, description=""): parameter for parameter in endpoint.filters}
        new = [parameter for form, parameter in forms.items() if form not in seen]
        yield endpoint, new or list(endpoint.filters[-1:])
        seen |= forms.keys()


@pytest.mark.parametrize(
    ("endpoint", "filters"), list(distinct()), ids=lambda value: getattr(value, "name", "")
)
def test_first_position(
    teamup: Any, sandbox: Any, endpoint: Endpoint[..., Any], filters: list[Parameter]
) -> None:
    """Every filter works right behind a report's name, and is sent."""
    for parameter in filters:
        if parameter.name == "expand" and not expandable_paths(endpoint.row):
            continue  # the list takes the parameter, but holds nothing that could be expanded
        words = words_for(endpoint, parameter)
        limited = ("pull", endpoint.command_name, *words, "--limit", "1")
        ran = teamup(*limited) if endpoint in TYPICAL else teamup("count", *limited[1:-2])
        # The sandbox may refuse a made-up value of some filters, once it has been sent.
        assert ran.code == 0 or (parameter.name in PARTICULAR and ": 400 " in ran.err), words
        sent = sandbox.log[-1].value(parameter.name)
        assert sent
        if parameter.kind in ("integer", "boolean") or parameter.enum:
            assert sent == endpoint.canonical(value_of(endpoint, parameter))


@pytest.mark.parametrize(
    "arguments",
    [
        ("attendances", "--attendance-status", "attended"),
        ("instructed-sessions", "--session-types", "class"),
        ("--attendance-status", "attended", "attendances"),
        ("--since", "2024", "attendances", "--attendance-status", "attended"),
    ],
    ids=" ".join,
)
def test_near_names(teamup: Any, arguments: tuple[str, ...]) -> None:
    """A filter's value that looks like a report's name is a value, and options may stand before the name."""
    ran = teamup("count", *arguments)
    assert (ran.code, ran.err) == (0, "")
    assert teamup("pull", *arguments, "--limit", "3").code == 0


def test_one_filter_for_all(teamup: Any, sandbox: Any, tmp_path: Any) -> None:
    """A filter holds for every report that is named; --set is for one of them."""
    sandbox.log.clear()
    ran = teamup(
        "pull", "attendances", "instructed-sessions", "--venues", "1004", "--set", "attendances.status=attended",
        "--size", "100", "-o", str(tmp_path / "data"),
    )  # fmt: skip
    assert ran.code == 2  # --size belongs to one report
    ran = teamup(
        "pull", "attendances", "instructed-sessions", "--venues", "1004", "--set", "attendances.status=attended",
        "-o", str(tmp_path / "data"),
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    asked = {request.path.split("/")[-2]: request for request in sandbox.log if "/reports/" in request.path}
    assert {request.value("venues") for request in asked.values()} == {"1004"}
    assert asked["attendances"].values("status") == ["attended"]
    assert asked["instructed_sessions"].values("status") == []


@pytest.mark.parametrize("text", ["2024-06-30", "2024-06"])
def test_until_includes_its_day(teamup: Any, sandbox: Any, text: str) -> None:
    """--until with a day or month includes all of it, in the time zone given."""
    assert teamup("count", "attendances", "--until", text, "--timezone", "Europe/London").code == 0
    last = datetime.fromisoformat(sandbox.log[-1].value("event_start_lte"))
    assert last == datetime(2024, 6, 30, 22, 59, 59, 999999, tzinfo=UTC)
    assert last.utcoffset().total_seconds() == 3600


def test_a_day_is_its_rows(teamup: Any) -> None:
    """The days of a month, one by one, have together the rows of the month: none is dropped or comes twice."""
    month = int(teamup("count", "attendances", "--since", "2024-06", "--until", "2024-06").out)
    days = [f"2024-06-{day:02}" for day in range(1, 31)]
    counts = [int(teamup("count", "attendances", "--since", day, "--until", day).out) for day in days]
    assert sum(counts) == month > 0
