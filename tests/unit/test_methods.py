"""Methods of endpoints, as a user meets them: in `help()`, in signatures, in an editor, and when a name is misspelt."""

import inspect
import pydoc
from typing import Any

import jedi
import pytest

from teamup_async import Endpoint, QueryError, TeamUp
from teamup_async.endpoints import ENDPOINTS
from teamup_async.methods import ListMethods, Lists, Reports
from teamup_async.query import Parameter
from teamup_async.signatures import _limits

by_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.key)


@pytest.fixture
def teamup() -> TeamUp:
    """A client that sends nothing."""
    return TeamUp(token="t")


def method(teamup: TeamUp, endpoint: Endpoint[..., Any]) -> Any:
    """The method of an endpoint."""
    owner = teamup.reports if endpoint.envelope.name == "report" else teamup.lists
    return getattr(owner, endpoint.name.replace(".", "_"))


@by_endpoint
def test_signature(teamup: TeamUp, endpoint: Endpoint[..., Any]) -> None:
    """The signature has every filter by name, with its type; those that must be given come first."""
    signature = inspect.signature(method(teamup, endpoint))
    required = [parameter.name for parameter in endpoint.filters if parameter.required]

    assert sorted(signature.parameters) == sorted(parameter.name for parameter in endpoint.filters)
    assert list(signature.parameters)[: len(required)] == required
    for name, parameter in signature.parameters.items():
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert (parameter.default is inspect.Parameter.empty) == (name in required)
        assert isinstance(parameter.annotation, str)
    assert signature.return_annotation == f"RowStream[{endpoint.row.__name__}]"


@by_endpoint
def test_help(teamup: TeamUp, endpoint: Endpoint[..., Any]) -> None:
    """`help()` shows the endpoint's title and path, and what each filter does and allows."""
    shown = pydoc.plain(pydoc.render_doc(method(teamup, endpoint)))
    flat = " ".join(shown.split())

    assert endpoint.title in flat
    assert f"GET {endpoint.path}" in flat
    assert "Raises `QueryError`" in flat
    for parameter in endpoint.filters:
        assert f" {parameter.name}: " in flat
        assert parameter.description in flat
        if parameter.name != "columns":
            assert all(value in flat for value in parameter.enum)
    assert max(map(len, inspect.getdoc(method(teamup, endpoint)).splitlines())) <= 110


def test_limits_in_help(teamup: TeamUp) -> None:
    """`help()` tells limits, patterns, defaults and venue time; of very many allowed values it shows the first ones."""
    pages = [teamup.reports.attendances, teamup.reports.attendance_strikes_grouped, teamup.course_sessions]
    attendances, strikes, sessions = (" ".join(str(inspect.getdoc(page)).split()) for page in pages)

    assert r"Matches ^(\d+|none)$." in attendances
    assert "TeamUp's default: false." in attendances
    columns = ENDPOINTS[0].columns
    assert f"{columns[11]} and {len(columns) - 12} more." in attendances
    assert "columns: list of string, required" in strikes
    assert "At most 12. TeamUp's default: 4." in strikes
    assert "Without a time zone: on the venue's clock." in sessions


def test_every_limit_in_help() -> None:
    """Whatever a parameter refuses is said, also what no documented filter has."""
    parameter = Parameter(name="size", kind="integer", minimum=1, maximum=9)
    assert _limits(parameter) == ["At least 1.", "At most 9."]


@pytest.mark.parametrize(
    ("code", "filters"),
    [
        ("teamup.reports.attendances(", {"status", "event_start_gte", "columns"}),
        ("teamup.lists.course_sessions(", {"expand", "starts_at_gte"}),
        ("teamup.course_sessions(", {"expand", "starts_at_gte"}),
    ],
)
def test_completion(teamup: TeamUp, code: str, filters: set[str]) -> None:
    """At a prompt (IPython asks jedi) the filters of a method are completed, and its signature is shown."""
    prompt = jedi.Interpreter(code, [{"teamup": teamup}])

    assert {f"{name}=" for name in filters} <= {completion.name for completion in prompt.complete()}
    assert filters <= {parameter.name for parameter in prompt.get_signatures()[0].params}


def test_completion_of_names(teamup: TeamUp) -> None:
    """At a prompt and in an editor the names of all methods are completed."""
    program = "from teamup_async import TeamUp\nteamup = TeamUp()\nteamup.reports.attend"
    names = {"attendances", "attendances_grouped", "attendance_strikes", "attendance_strikes_grouped"}

    assert {completion.name for completion in jedi.Script(program).complete()} == names
    prompt = jedi.Interpreter("teamup.reports.attend", [{"teamup": teamup}])
    assert {completion.name for completion in prompt.complete()} == names


@by_endpoint
def test_every_endpoint_has_its_method(teamup: TeamUp, endpoint: Endpoint[..., Any]) -> None:
    """Every endpoint is a method under its own name; lists whose names no report has are methods of the client, too."""
    made = method(teamup, endpoint)
    assert made.__name__ == endpoint.name.replace(".", "_")
    required = any(parameter.required for parameter in endpoint.filters)
    query = {"columns": endpoint.columns[:1]} if required else {}
    assert made(**query).endpoint is endpoint
    if endpoint.envelope.name == "list" and not endpoint.shared_name:
        assert getattr(teamup, made.__name__)().endpoint is endpoint


def test_methods_are_of_declared_endpoints() -> None:
    """No method is left over: there are as many as declared endpoints."""
    methods = [
        name for owner in (Reports, ListMethods, Lists) for name in vars(owner) if not name.startswith("_")
    ]
    assert len(methods) == len(ENDPOINTS)
    assert issubclass(Lists, ListMethods)
    with pytest.raises(TypeError, match="attendances is a method of a client"):
        Reports.attendances()


def test_misspelt(teamup: TeamUp) -> None:
    """A misspelt filter is a `QueryError` that names the nearest one; a missing one is named, with what it takes."""
    unchecked: Any = teamup.reports
    with pytest.raises(
        QueryError, match="attendances has no filter 'statuss'; did you mean 'status'\\?"
    ) as caught:
        unchecked.attendances(statuss=["attended"])
    assert (caught.value.parameter, caught.value.suggestion) == ("statuss", "status")
    with pytest.raises(QueryError, match=r"attendance-strikes\.grouped: columns is required") as caught:
        unchecked.attendance_strikes_grouped()
    assert "status" in caught.value.allowed
