"""Errors of the API and the network: exit code 1, what went wrong, what to do, and never the token."""

import socket
from typing import Any

import pytest

from teamup_async import Dialect, errors
from teamup_async.cli.failures import Situation, exit_code, explain
from teamup_async.sandbox import Sandbox, faults

CANARY = "canary-0123456789abcdef"


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_unknown_token(teamup: Any) -> None:
    """401: where to look, and which words before the token there are."""
    ran = teamup("check", "--token", CANARY)
    assert (ran.code, ran.out) == (1, "")
    for part in ("401", "check --token", "now Token", "--auth-scheme", "Bearer", "JWT"):
        assert part in ran.err


def test_refused_token(teamup: Any, sandbox: Any) -> None:
    """403: the provider, the mode, the rights."""
    ran = teamup("check", "--token", sandbox.refused_token)
    assert ran.code == 1
    for part in ("403", "--provider-id", "--mode"):
        assert part in ran.err


def test_wrong_base_url(teamup: Any, sandbox: Any) -> None:
    """404: the base URL, as it is now."""
    url = sandbox.url.removesuffix("/v2")
    ran = teamup("check", "--base-url", url)
    assert ran.code == 1
    for part in ("404", "--base-url", url, "/api/v2"):
        assert part in ran.err


def test_no_connection(teamup: Any, closed_port: int) -> None:
    """Nobody listens: the network, the base URL; with -v each try."""
    url = f"http://127.0.0.1:{closed_port}/api/v2"
    ran = teamup("check", "--base-url", url, "--timeout", "0.5", "-v")
    assert ran.code == 1
    for part in ("Check the network", url, "try 1: "):
        assert part in ran.err
    assert "Traceback" not in ran.err


def test_parameter_refused(teamup: Any, sandbox: Any) -> None:
    """400: the server's own words on each field."""
    body = {
        "code": "invalid",
        "message": "No.",
        "type": "invalid_request_error",
        "field_errors": {"limit": ["Too odd."]},
    }
    sandbox.faults.add(faults.status(400, body))
    ran = teamup("count", "attendances")
    assert ran.code == 1
    assert "400" in ran.err
    assert "Too odd." in ran.err


def test_no_api(teamup: Any, sandbox: Any) -> None:
    """A page of HTML is told as what it is, not as rows."""
    sandbox.faults.add(faults.html(), times=None)
    ran = teamup("check", "--timeout", "0.5")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert sandbox.url in ran.err


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (errors.RateLimitError("busy", status=429), "--rate"),
        (errors.ServerError("down", status=503), "Try again later"),
        (errors.RequestTimeoutError("late"), "--timeout"),
        (errors.ConnectionFailedError("no"), "--base-url (now https://x.example/api/v2)"),
        (errors.ResponseDecodeError("odd"), "https://x.example/api/v2"),
        (errors.PaginationDriftError("moved"), "--on-drift"),
        (errors.ClientClosedError("closed"), "closed"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_advice(error: Exception, told: str) -> None:
    """Each kind of error comes with what to do about it, and is no wrong usage."""
    lines = explain(error, Situation(base_url="https://x.example/api/v2"))
    assert lines[0].startswith("teamup: ")
    assert told in "\n".join(lines)
    assert exit_code(error) == 1


def test_position() -> None:
    """The place to go on from is told only where the rows before it were kept."""
    error = errors.ServerError("down", status=503)
    error.position = {"by": "id", "size": 100, "last": 7}
    assert not any("--start" in line for line in explain(error, Situation()))
    assert explain(error, Situation(resumable=True))[-1].endswith(
        """--start '{"by": "id", "size": 100, "last": 7}'"""
    )


@pytest.mark.parametrize("given", ["option", "option=", "variable"])
@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "-v"],
        ["check", CANARY],
        ["check", "--provider-id", CANARY],
        ["check", "--mode", CANARY],
        ["check", "--base-url", f"https://{CANARY}"[:20]],
        ["check", "--tokn", CANARY],
        ["check", CANARY, CANARY],
        [CANARY],
        ["pull", CANARY],
        ["pull", "attendances", CANARY],
        ["pull", "attendances", "--status", CANARY],
        ["pull", "attendances", "--limit", CANARY],
        ["pull", "attendances", "--start", CANARY],
        ["pull", "attendances", "-o", f"/nowhere/{CANARY}"],
        ["pull", "attendances", "--help"],
        ["count", "attendances", "-v"],
    ],
    ids=lambda arguments: " ".join(arguments).replace(CANARY, "CANARY"),
)
def test_token_is_never_shown(
    teamup: Any, environment: pytest.MonkeyPatch, given: str, arguments: list[str]
) -> None:
    """The token appears in nothing that is printed, wherever it came from and wherever else it was put by mistake."""
    environment.delenv("TEAMUP_TOKEN")
    if given == "variable":
        environment.setenv("TEAMUP_TOKEN", CANARY)
    elif given == "option":
        arguments = [*arguments, "--token", CANARY]
    else:
        arguments = [*arguments, f"--token={CANARY}"]
    if arguments[0] == "check" and "--base-url" in arguments:
        arguments = [*arguments, "--timeout", "0.1"]
    ran = teamup(*arguments)
    assert ran.code in (0, 1, 2)
    assert CANARY not in ran.out + ran.err
    assert ran.out + ran.err


def test_patience(teamup: Any, sandbox: Any) -> None:
    """--patience goes on for so many seconds beyond --retries."""
    counted: list[int] = []
    for more in ((), ("--patience", "60")):
        sandbox.faults.clear()
        sandbox.faults.add(faults.status(503), times=2)
        counted.append(teamup("count", "attendances", "--retries", "0", *more).code)

    assert counted == [1, 0]


def test_another_dialect(teamup: Any, environment: pytest.MonkeyPatch) -> None:
    """What the client says of a dialect is a line with the option to give, not a warning of Python's; `check` looks."""
    environment.delenv("TEAMUP_DIALECT")
    with Sandbox.in_thread(rows=300, rate=None, dialect="sort_by_id=refused") as sandbox:
        environment.setenv("TEAMUP_BASE_URL", sandbox.url)
        environment.setenv("TEAMUP_TOKEN", sandbox.token)
        ran = teamup("count", "attendances")
        assert (ran.code, ran.out) == (0, "300\n")
        assert ran.err.startswith("teamup: warning: attendances: the server says: ")
        assert ran.err.endswith("to know it from the beginning, give --dialect sort_by_id=refused\n")
        assert ran.err.count("\n") == 1
        sandbox.dialect = Dialect(total="absent")
        before = sandbox.requests
        ran = teamup("check")
        assert (ran.code, ran.err) == (0, "")
        assert "attendances  can be read (" in ran.out
        assert sandbox.requests == before + 2
        sandbox.dialect = Dialect(auth_scheme="Bearer")
        ran = teamup("check")
        assert ran.code == 1
        assert "run `teamup doctor`, or give --dialect auth_scheme=..." in ran.err
