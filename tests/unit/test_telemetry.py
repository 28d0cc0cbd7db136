"""What telemetry tells of a request, and whether there is any."""

import pytest
from yarl import URL

from teamup_async.errors import ConfigurationError
from teamup_async.stats import Meter, Stats
from teamup_async.telemetry import resolve
from teamup_async.telemetry.naming import METRICS, route, shown


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/reports/attendances.grouped/data", "/reports/attendances.grouped/data"),
        ("/venues/12", "/venues/{id}"),
        ("/customers/jo@example.com/x", "/customers/{id}/x"),
        ("/jobs/4f1d8c2e-9b7a", "/jobs/{id}"),
        ("/a" + "b" * 40, "/{id}"),
        ("", ""),
    ],
)
def test_routes(path, expected):
    """A route is made of the plain words of a path; whatever else is in it may name somebody."""
    assert route(path) == expected
    assert route(path, file=True) == "/{file}"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://goteamup.com/api/v2/venues", "https://goteamup.com/api/v2/venues"),
        ("https://goteamup.com/api/v2/venues/12", "https://goteamup.com/api/v2/venues/REDACTED"),
        (
            "https://h:8443/x?limit=100&offset=99&format=json&email=jo%40x.y&sort=-id",
            "https://h:8443/x?limit=100&offset=99&format=json&email=REDACTED&sort=REDACTED",
        ),
        (
            "https://h/x?page=jo&canary-4f1d=1&alone",
            "https://h/x?page=REDACTED&REDACTED=REDACTED&aloneREDACTED",
        ),
    ],
)
def test_urls(url, expected):
    """Of a URL the host, the words of its path, the names of parameters and the page are told."""
    assert shown(URL(url, encoded=True)) == expected
    assert shown(URL(url, encoded=True), file=True) == f"{URL(url).origin()}/REDACTED"


def test_user_in_a_url():
    """A user and password in a URL are not told."""
    assert shown(URL("https://jo:secret@h/x")) == "https://h/x"


def test_a_metric_for_each_number():
    """Each number of `Stats` has a metric, but the total, which is not counted."""
    assert set(METRICS) == set(Stats().to_json()) - {"total"}


def test_numbers_are_told():
    """What a walk counts itself is told once, by the meter that counts it first."""
    told: list[tuple[str, float]] = []
    walk = Meter(above=Meter(tell=lambda *_: told.append(("above", 0))), tell=lambda *one: told.append(one))
    walk.count_repair()
    walk.count_detour()
    walk.count_page(3, None)

    assert told == [("repairs", 1), ("detours", 1)]


@pytest.mark.parametrize("said", ["", "0", "no", " OFF ", "false"])
def test_off(said):
    """Nobody is told unless asked for."""
    assert resolve(None, {}) is None
    assert resolve(None, {"TEAMUP_TELEMETRY": said}) is None
    assert resolve(False, {"TEAMUP_TELEMETRY": "1"}) is None


@pytest.mark.parametrize("said", ["1", "true", "Yes", "on "])
def test_on(said):
    """An argument or the variable turns telemetry on; all clients of a process tell the same."""
    assert resolve(None, {"TEAMUP_TELEMETRY": said}) is resolve(True, {}) is not None


@pytest.mark.parametrize("given", ["yes", 1, object])
def test_what_is_no_telemetry(given):
    """What can be told nothing is refused."""
    with pytest.raises(ConfigurationError, match="telemetry must be True, False or an OpenTelemetry, not"):
        resolve(given, {})


def test_a_variable_that_says_neither():
    """A variable that says neither yes nor no is an error that names it."""
    with pytest.raises(ConfigurationError, match="TEAMUP_TELEMETRY must be 1 or 0, not 'maybe'"):
        resolve(None, {"TEAMUP_TELEMETRY": "maybe"})
