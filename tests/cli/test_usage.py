"""Wrong usage: nothing is sent, the exit code is 2, and the message says what, and what instead."""

from typing import Any

import pytest

PULL = ("pull", "attendances")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["pull"], ["teamup: name a report, or give --all; `teamup reports` lists them"]),
        (["count"], ["teamup: name a report; `teamup reports` lists them", "See teamup count --help"]),
        ([*PULL, "--all", "-o", "x"], ["--all means every report and list: leave attendances out"]),
        ([*PULL, "--staus", "x"], ["Did you mean --status?", "See teamup pull attendances --help"]),
        (["pul"], ["'pul'", "did you mean 'pull'", "demo"]),
        (["pull", "atendances"], ["'atendances'", "did you mean 'attendances'"]),
        (["check", "atendances"], ["'atendances'", "did you mean 'attendances'"]),
        (["reports", "atendances"], ["'atendances'", "did you mean 'attendances'"]),
        ([*PULL, "extra"], ["There is no report or list called 'extra'"]),
        ([*PULL, "--stats", "x"], ["--stats", "--status"]),
        ([*PULL, "--status"], ["--status"]),
        ([*PULL, "--status", "atended"], ["--status", "'atended'", "'attended'", "registered, no_show"]),
        ([*PULL, "--status", "attended,nope"], ["--status", "'nope'", "attended, registered"]),
        ([*PULL, "--columns", "id,custmer.name"], ["--columns", "'custmer.name'", "'customer.name'"]),
        ([*PULL, "--sort", "-custmer.name"], ["--sort", "'custmer.name'", "'customer.name'"]),
        ([*PULL, "--customers", "7,x"], ["--customers", "whole number", "'x'"]),
        ([*PULL, "--event-start-gte", "soon"], ["--event-start-gte", "a month (2025-01)", "'soon'"]),
        ([*PULL, "--booking-sources", "web"], ["--booking-sources", r"^(\d+|none)$", "'web'"]),
        ([*PULL, "--timezone", "Mars"], ["--timezone", "'Mars'", "Europe/London"]),
        ([*PULL, "--size", "500"], ["--size", "1 to 100", "500"]),
        ([*PULL, "--window", "0"], ["--window", "1 to 1000", "0"]),
        ([*PULL, "--limit", "0"], ["--limit", "1 or more", "0"]),
        ([*PULL, "--limit", "many"], ["--limit", "many"]),
        ([*PULL, "--by", "row"], ["--by", '"row"', '"offset", "page", "id"']),
        ([*PULL, "--by", "id", "--sort", "status"], ["--by", "sort"]),
        (
            ["pull", "course-sessions", "--by", "id"],
            ["--by id is no paging of course-sessions", "Allowed: page"],
        ),
        (["pull", "course-sessions", "--expand", "venu"], ["--expand", "'venu'", "'venue'"]),
        (["pull", "course-sessions", "--fields", "idd"], ["--fields", "'idd'", "'id'"]),
        ([*PULL, "--on-drift", "heel"], ["--on-drift", "heel", '"heal"']),
        ([*PULL, "--format", "jsno"], ["--format", "jsno", '"jsonl"']),
        ([*PULL, "--start", "x"], ["--start", "JSON"]),
        ([*PULL, "--start", "[1]"], ["--start", "JSON"]),
        ([*PULL, "--start", '{"by": "id"}'], ["--start"]),
        (["pull", "attendance-strikes.grouped"], ["--columns is required", "event.venue.name"]),
        (["pull", "attendance-strikes.grouped", "--columns", ""], ["--columns has an empty value"]),
        ([*PULL, "--columns", ""], ["--columns has an empty value: give it one, or leave it out"]),
        ([*PULL, "--venues", ""], ["--venues has an empty value"]),
        ([*PULL, "--instructors", ""], ["--instructors has an empty value"]),
        ([*PULL, "--set", "venues="], ["--venues has an empty value"]),
        ([*PULL, "--since", ""], ["--since has an empty value"]),
        (["check", "--rate", "0"], ["--rate", "1 or more", "0"]),
        (["pull", "attendance-strikes.grouped", "--colums", "count"], ["--columns", "--colums"]),
        (["check", "--provider-id", "12x"], ["--provider-id", "TEAMUP_PROVIDER_ID", "digits", "'12x'"]),
        (["check", "--provider-id", "١٢"], ["--provider-id", "digits"]),
        (["check", "--provider-id", "1\r\nX: y"], ["--provider-id", "digits"]),
        (["check", "--mode", "owner"], ["--mode", "TEAMUP_REQUEST_MODE", "'owner'", "customer, provider"]),
        (["check", "--auth-scheme", "Bear"], ["--auth-scheme", "'Bear'", "'Bearer'"]),
        (["check", "--base-url", "goteamup.com"], ["--base-url", "TEAMUP_BASE_URL", "https://"]),
        (["check", "--base-url", "http://goteamup.com/api/v2"], ["--base-url", "token", "https://"]),
        (["check", "--token", "two words"], ["--token", "TEAMUP_TOKEN", "spaces"]),
        (["check", "--rate", "-1"], ["--rate", "-1"]),
        (
            ["check", "--rate", "0"],
            ["--rate must be a whole number of 1 or more, the requests in each window, not 0"],
        ),
        (["check", "--concurrency", "0"], ["--concurrency", "0"]),
        (["check", "--timeout", "0"], ["timeout", "0"]),
        (["demo", "--rows", "-1"], ["--rows", "-1"]),
        (["demo", "--rate", "-1"], ["--rate", "-1"]),
        (["sandbox", "--port", "70000"], ["--port", "65535", "70000"]),
        (["sandbox", "--rows", "-1"], ["--rows", "-1"]),
    ],
    ids=" ".join,
)
def test_refused(teamup: Any, sandbox: Any, arguments: list[str], told: list[str]) -> None:
    """Each wrong usage names the option, what was given and what is allowed, on stderr only; exit code 2."""
    before = sandbox.requests
    ran = teamup(*arguments)
    assert (ran.code, ran.out) == (2, "")
    for part in told:
        assert part in ran.err
    assert ran.err.startswith("teamup: ")
    assert "Traceback" not in ran.err
    assert sandbox.requests == before


def test_many_allowed_values(teamup: Any) -> None:
    """Where a near miss was found, dozens of allowed values are not listed; where none was, they are."""
    assert "updated_at" not in teamup(*PULL, "--columns", "custmer.name").err
    assert "updated_at" in teamup(*PULL, "--columns", "zzzzzz").err


def test_no_token(teamup: Any, environment: pytest.MonkeyPatch) -> None:
    """Without a token the message says where to put one."""
    environment.delenv("TEAMUP_TOKEN")
    ran = teamup("check")
    assert ran.code == 2
    assert "set the variable TEAMUP_TOKEN" in ran.err


def test_missing_packages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without cyclopts and rich two lines say what to install, or how uvx starts it."""
    import teamup_async.cli as package

    monkeypatch.setattr(package, "find_spec", lambda _: None)
    assert package.main(["--help"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == package.MISSING.splitlines()
    assert 'pip install "teamup-async[cli]"' in err
    assert 'uvx "teamup-async[cli]"' in err
