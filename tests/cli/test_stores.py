"""`teamup pull` into files and databases, and `teamup sync`, as people call them."""

import io
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from teamup_async import Stats
from teamup_async.bulk import Part, PartProgress
from teamup_async.cli.progress import Display
from teamup_async.cli.running import run
from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks.base import Target
from teamup_async.sinks.named import sink_named
from tests.sinks.reading import rows_of


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox for the tests of this module, with more rows than the others need."""
    with Sandbox.in_thread(rows=3000, seed=5, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The sandbox without faults."""
    yield served
    served.faults.clear()
    served.before_request = None


@pytest.fixture
def teamup(sandbox: Sandbox, tmp_path: Path, monkeypatch, capsys):
    """Runs the command line; gives exit code, output and errors."""
    for name in [name for name in os.environ if name.startswith("TEAMUP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TEAMUP_TOKEN", sandbox.token)
    monkeypatch.setenv("TEAMUP_BASE_URL", sandbox.url)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return (run(arguments), *capsys.readouterr())

    return ran


def test_pull(teamup, sandbox: Sandbox, tmp_path: Path) -> None:
    """Several reports go into a folder; nothing is said where there is no terminal, and JSON where it is asked for."""
    many = ("pull", "attendances", "instructed-sessions", "course-sessions", "--since", "2025-01-01")
    quiet = teamup(*many, "--out", "data", "--format", "parquet")
    code, out, _ = teamup(*many, "--out", "data", "--format", "parquet", "--json")
    told = json.loads(out)

    assert quiet == (0, "", "")
    assert code == 0
    assert [part["part"]["name"] for part in told["parts"]] == [
        "attendances",
        "instructed_sessions",
        "course_sessions",
    ]
    rows = rows_of("parquet", tmp_path / "data", "attendances")
    assert 0 < len(rows) == told["parts"][0]["rows"] < 3000
    assert {row["event.starts_at"].year for row in rows} == {2025}


def test_filters(teamup, tmp_path: Path) -> None:
    """`--set` filters one report, and gives grouped ones their columns."""
    columns = "attendance-strikes.grouped.columns=status,count"
    arguments = ("attendances", "attendance-strikes.grouped", "--set", "attendances.status=no_show,attended")
    code, _, _ = teamup("pull", *arguments, "--set", columns, "--out", "jsonl:here")

    assert code == 0
    assert {row["status"] for row in rows_of("jsonl", tmp_path / "here", "attendances")} == {
        "no_show",
        "attended",
    }
    assert set(rows_of("jsonl", tmp_path / "here", "attendance_strikes_grouped")[0]) == {"status", "count"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("pull", "attendances", "instructed-sesions"), "did you mean 'instructed-sessions'"),
        (
            ("pull", "attendances", "course-sessions", "-o", "x", "--set", "status=no_show"),
            "REPORT.FILTER=VALUE",
        ),
        (("pull", "attendances", "-o", "x", "--set", "attendances.staus=x"), "no filter 'staus'"),
        (("pull", "attendances", "-o", "x", "--set", "staus=x"), "no filter 'staus'"),
        (
            ("pull", "attendances", "-o", "x", "--set", "course-sessions.status=active"),
            "course-sessions is not among the reports that are named",
        ),
        (("pull", "attendances", "-o", "x", "--set", "attendances.statuss=x"), "did you mean 'status'"),
        (("pull", "attendances", "-o", "x", "--window-days", "0"), "--window-days must be 1 or more"),
        (("pull", "attendances", "-o", "x", "--since", "soon"), "--since must be a day (2025-01-31)"),
        (("pull", "attendances", "-o", "x", "--window-days", "9"), "--window-days splits the time"),
        (
            ("pull", "attendances", "-o", "x", "--since", "2025-01-01", "--window-days", "9" * 15),
            "--window-days is too long",
        ),
        (
            ("pull", "attendances", "-o", "x", "--since", "2026-01-01", "--until", "2025-01-01"),
            "--until must not be before --since",
        ),
        (
            ("pull", "attendances", "--since", "2025", "--event-start-gte", "2024"),
            "--since and --event-start-gte both say the same",
        ),
        (("pull", "attendances", "-o", "csv:"), "'csv:' has no path: write csv:PATH"),
        (("sync", "attendances", "--to", "duckdb:x", "--recent", "9" * 15), "--recent is too long"),
        (("pull", "attendances", "-o", "parqet:x"), "did you mean parquet:x?"),
        (("pull", "attendances", "-o", "redis://x/y"), "no format in 'redis://x/y'"),
        (
            ("pull", "attendances", "-o", "postgres://x/y", "--format", "csv"),
            "format csv is for a folder or file, not for postgres://x/y",
        ),
        (("pull", "attendances", "-o", "x.foo"), "no format has the ending .foo"),
        (("pull", "attendances", "course-sessions", "-o", "-"), "--output is needed where there are several"),
        (("pull", "attendances", "course-sessions"), "--output is needed where there are several"),
        (("pull", "attendances", "--accounts", "a.toml"), "--output is needed where there are several"),
        (("pull", "attendances", "--format", "parquet"), "--format parquet can't go to standard output"),
        (("pull", "attendances", "-o", "x.csv", "--restart"), "--restart goes with a folder, a database"),
        (("pull", "attendances", "-o", "x.parquet", "--limit", "5"), "--limit goes with one report to"),
        (("pull", "attendances", "course-sessions", "-o", "x.csv"), "x.csv is one file"),
        (
            ("pull", "attendances", "course-sessions", "-o", "x", "--expand", "venue"),
            "--expand is no filter of attendances: for one report write --set course-sessions.expand=VALUE",
        ),
        (("pull", "attendances", "--expand", "venue"), "and others, but not of what is named here"),
        (("pull", "attendances", "-o", "csv:x", "--format", "parquet"), "different things"),
        (("pull", "attendances", "-o", "x.csv", "--format", "jsonl"), "different things"),
        (
            ("pull", "attendances", "-o", "x", "--accounts", "a.toml", "--token", "tok-tok"),
            "leave --token",
        ),
        (("pull", "attendances", "-o", "x", "--accounts", "missing.toml"), "cannot read missing.toml"),
        (
            ("pull", "attendance-strikes.grouped", "-o", "x"),
            "--columns is required for attendance-strikes.grouped. Allowed: customer.id",
        ),
        (("sync", "attendances", "--to", "duckdbb:x"), "did you mean duckdb:x?"),
        (("sync", "attendances", "--to", "x"), "write FORMAT:PATH"),
        (("sync", "attendance", "--to", "duckdb:x"), "did you mean 'attendances'"),
        (("sync", "attendances", "--to", "csv:x"), "kept up to date"),
        (("sync", "attendances", "--to", "duckdb:x", "--lag", "-1"), "0 or more"),
        (
            ("sync", "attendances", "--to", "duckdb:x", "--quota-file", "q", "--rate", "0"),
            "--rate must be a whole number of 1 or more",
        ),
        (
            ("sync", "attendances", "--to", "duckdb:x", "--quota-file", "q", "--quota-redis", "redis://x"),
            "not both: a quota is counted in one place",
        ),
        (
            ("pull", "attendances", "-o", "x/", "--quota-redis", "redis://:tok-tok@127.0.0.1:1/0"),
            "cannot use redis://127.0.0.1:1/0 for the quota",
        ),
        (("chart", "attendances", "--by", "status"), "not a grouped report"),
        (("chart", "attendance-strikes.grouped", "--by", "customer"), "pick one of customer.id"),
        (("chart", "attendance-strikes.grouped", "--by", "status", "-o", "x.gif"), ".svg or .png"),
    ],
)
def test_mistakes(teamup, tmp_path: Path, arguments: tuple[str, ...], problem: str) -> None:
    """Mistakes are named, nothing is written, and no token is shown."""
    code, out, err = teamup(*arguments)

    assert code == 2
    assert out == ""
    assert problem in err
    assert "tok-tok" not in err
    assert list(tmp_path.iterdir()) == []


def test_dry_run(teamup, sandbox: Sandbox, tmp_path: Path) -> None:
    """A dry run shows parts, rows, requests and the wait for the quota, and pulls nothing."""
    before = sandbox.requests
    code, out, _ = teamup("pull", "attendances", "--since", "2024-01-01", "--window-days", "365", "--dry-run")
    asked = sandbox.requests - before
    _, told, _ = teamup("pull", "attendances", "course-sessions", "--dry-run", "--json", "--rate", "10")

    assert code == 0
    parts = out.count("attendances/20")
    assert parts <= asked <= parts + 2  # a client finds out once what totals count
    assert "3,000 rows" in out
    assert json.loads(told)["seconds"] == 180.0
    assert json.loads(told)["parts"][0]["rows"] == 3000
    assert list(tmp_path.iterdir()) == []


def test_what_a_dry_run_asks(
    teamup, sandbox: Sandbox, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A client that was told no dialect asks each report once or twice; for a sync also marks, and its owner once."""
    environment.delenv("TEAMUP_DIALECT")
    reports = ("attendances", "instructed-sessions", "course-sessions")
    before = sandbox.requests
    code, _, err = teamup("pull", *reports, "-o", "jsonl:data/", "--dry-run")
    assert (code, err) == (0, "")
    assert len(reports) <= sandbox.requests - before <= 2 * len(reports)
    before = sandbox.requests
    code, _, err = teamup("sync", *reports, "--to", "sqlite:gym.db", "--dry-run")
    asked = [received.path for received in list(sandbox.log)[-(sandbox.requests - before) :]]
    assert (code, err) == (0, "")
    assert asked.count("/providers") == 1
    assert len(asked) <= 1 + 4 * len(reports)


def test_dry_run_of_a_sync(teamup, tmp_path: Path) -> None:
    """A dry run of a sync shows what it would read, and makes nothing."""
    arguments = ("sync", "attendances", "--since", "2025-01-01", "--to", "sqlite:gym.db")
    code, first, _ = teamup(*arguments, "--dry-run")
    untouched = list(tmp_path.iterdir())
    _, told, _ = teamup(*arguments, "--json")
    _, second, _ = teamup(*arguments, "--dry-run", "--json")
    planned = json.loads(second)["parts"][0]

    assert code == 0
    assert untouched == []
    assert f"{json.loads(told)['rows']:,} rows" in first
    assert set(planned["query"]) == {"event_start_gte", "updated_at_gte"}
    assert planned["rows"] < 50


def test_dry_run_with_accounts(teamup, sandbox: Sandbox, tmp_path: Path, monkeypatch) -> None:
    """With accounts, a dry run of a sync shows the parts of each."""
    text = ""
    for name, account in zip(("north", "south"), sandbox.accounts, strict=True):
        text += f'[accounts.{name}]\nprovider_id = {account.provider_id}\ntoken_env = "{name.upper()}"\n'
        monkeypatch.setenv(name.upper(), account.token)
    (tmp_path / "accounts.toml").write_text(text)
    arguments = ("sync", "course-sessions", "--accounts", "accounts.toml", "--to", "parquet:rows")
    code, out, _ = teamup(*arguments, "--dry-run")

    assert code == 0
    assert "north/course_sessions" in out
    assert "south/course_sessions" in out
    assert [file.name for file in tmp_path.iterdir()] == ["accounts.toml"]


def test_advice(teamup, sandbox: Sandbox, monkeypatch) -> None:
    """What to do about an error is said once, however many parts it stopped."""
    monkeypatch.setenv("TEAMUP_TOKEN", sandbox.refused_token)
    code, _, err = teamup("pull", "attendances", "course-sessions", "--out", "data")

    assert code == 1
    assert err.count("is incomplete after 0 rows") == 2
    assert err.count("which may not read this: check its rights") == 1
    assert "2 of 2 reports are incomplete" in err


def test_accounts(teamup, sandbox: Sandbox, tmp_path: Path, monkeypatch) -> None:
    """Accounts come from a file, their tokens from elsewhere; a failing one is named, and the exit code is 1."""
    text = ""
    for name, account in zip(("north", "south"), sandbox.accounts, strict=True):
        text += f'[accounts.{name}]\nprovider_id = {account.provider_id}\ntoken_env = "{name.upper()}"\n'
        monkeypatch.setenv(name.upper(), account.token)
    (tmp_path / "accounts.toml").write_text(text)
    arguments = ("pull", "course-sessions", "--accounts", "accounts.toml", "--out", "sqlite:gym.sqlite")
    good = teamup(*arguments, "--quota-file", "quota")
    monkeypatch.setenv("SOUTH", sandbox.refused_token)
    code, _, err = teamup(*arguments, "-v")

    assert good == (0, "", "")
    assert {row["account"] for row in rows_of("sqlite", tmp_path, "course_sessions")} == {"north", "south"}
    assert code == 1
    assert "south/course_sessions is incomplete after 0 rows" in err
    assert sandbox.refused_token not in err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(teamup, tmp_path: Path, shell: str) -> None:
    """The shell learns the names of reports, for `sync` and `chart` too, and the options."""
    code, _, _ = teamup("--install-completion", "--shell", shell, "--output", str(tmp_path / "script"))
    script = (tmp_path / "script").read_text()

    assert code == 0
    assert "--window-days" in script or "window-days" in script
    # for each command that takes names: check, count, pull, sync and reports
    assert script.count("instructed-sessions") >= 5
    assert "attendance-status" in script


def test_goes_on(teamup, sandbox: Sandbox, tmp_path: Path) -> None:
    """A pull that failed says what is missing; the same command goes on, another is refused."""
    sandbox.faults.add(faults.status(400), path="attendances", nth=8, times=None)
    code, _, err = teamup("pull", "attendances", "--out", "data")
    sandbox.faults.clear()
    other = teamup("pull", "attendances", "--out", "data", "--since", "2025-01-01")
    again = teamup("pull", "attendances", "--out", "data")

    assert code == 1
    assert "attendances is incomplete" in err
    assert "Run the same command again: it goes on with what is missing" in err
    assert other[0] == 1
    assert "--restart" in other[2] or "restart" in other[2]
    assert again == (0, "", "")


def test_sync(teamup, sandbox: Sandbox, tmp_path: Path) -> None:
    """The second run reads only what changed."""
    first = json.loads(teamup("sync", "attendances", "--to", "duckdb:gym.duckdb", "--json")[1])
    sandbox.update("attendances", n=2, status="no_show")
    second = json.loads(teamup("sync", "attendances", "--to", "duckdb:gym.duckdb", "--json")[1])

    assert first["rows"] == 3000
    assert 2 <= second["rows"] < 50
    assert len(rows_of("duckdb", tmp_path, "attendances")) == 3000


def test_progress() -> None:
    """A line for each running part, with its numbers, and one for the whole."""
    console = Console(file=io.StringIO(), force_terminal=True, width=140, height=10)
    display = Display(shown=True, rate=250, console=console)
    parts = [
        PartProgress(part=Part(name=f"r{n}", endpoint="attendances", query={}, account="a"), status=status)
        for n, status in enumerate(("running", "complete", "incomplete", "waiting"))
    ]
    parts[0].read = lambda: Stats(rows=500, total=2000, requests=6, retries=1, waited=3.0)
    display.watch_parts(parts)
    console.print(display.draw())
    text = console.file.getvalue()

    assert "a/r0" in text
    assert "500 of 2,000 rows" in text
    assert "6 requests" in text
    assert "1 retry" in text
    assert "a/r1" not in text
    assert "1 of 4 done" in text
    assert "1 failed" in text


def test_sync_tells_what_it_did(teamup, sandbox: Sandbox) -> None:
    """The summary of a sync says how many rows are new, changed and removed, and how many the table has."""
    first = teamup("sync", "attendances", "--to", "gym.duckdb", "-v")
    sandbox.update("attendances", n=2, status="no_show")
    second = teamup("sync", "attendances", "--to", "gym.duckdb", "-v")

    assert first[0] == second[0] == 0
    assert "attendances: 3,000 new, 0 changed, 0 removed; 3,000 rows in " in first[2]
    assert "attendances: 0 new, 2 changed, 0 removed; 3,000 rows in " in second[2]
    # Several walks bring a table up to date; it is told once.
    assert second[2].count("attendances: ") == second[2].count(" removed; ") == 1


def test_pieces_of_a_target_are_told_together(teamup) -> None:
    """A report that is pulled in pieces is one line of the summary, with all rows and requests."""
    code, _, err = teamup(
        "pull", "attendances", "--since", "2024", "--until", "2025", "--window-days", "90", "-o", "data", "-v"
    )
    lines = [line for line in err.splitlines() if line.startswith("attendances: ")]

    assert code == 0
    assert len(lines) == 1
    assert "3,000 rows in " in lines[0]


def test_json_also_where_it_fails(teamup, sandbox: Sandbox, monkeypatch) -> None:
    """With --json standard output is one JSON object, whatever happened."""
    whole = teamup("sync", "attendances", "--to", "gym.duckdb", "--json", "--set", "columns=status")
    monkeypatch.setenv("TEAMUP_TOKEN", "a-revoked-token")
    refused = teamup("sync", "attendances", "--to", "gym.duckdb", "--json")
    missing = teamup("sync", "attendances", "--to", "gym.duckdb", "--json", "--accounts", "none.toml")

    for code, out, err in (whole, refused, missing):
        told = json.loads(out)
        assert code in (1, 2)
        assert told["ok"] is False
        assert err
        assert "a-revoked-token" not in out
    assert json.loads(missing[1])["error"]["type"] == "ConfigurationError"
    assert "cannot read none.toml" in json.loads(missing[1])["error"]["message"]


def test_retries_are_counted(teamup, sandbox: Sandbox) -> None:
    """--retries says how often a failed request is tried again, into files too, whose patience ends with it."""
    sandbox.faults.add(faults.status(500), path="attendances", times=None)
    for retries in (0, 2):
        before = sandbox.requests
        code, _, err = teamup("pull", "attendances", "-o", "data", "--retries", str(retries), "--restart")
        assert code == 1
        assert "incomplete" in err
        assert sandbox.requests - before <= retries + 1 + 1  # and one that asks whose rows they are
    assert teamup("count", "attendances", "--retries", "-1")[2].startswith(
        "teamup: --retries must be 0 or more"
    )
    assert teamup("count", "attendances", "--patience", "-1")[2].startswith(
        "teamup: --patience must be 0 seconds"
    )
    assert teamup("count", "attendances", "--patience", "nan")[0] == 2


def test_wait_for_another_run(teamup, tmp_path: Path) -> None:
    """Where another run has the place, the message says how to wait for it, and --wait does."""
    other = sink_named("gym.sqlite")
    other.open([Target(name="attendances")])
    refused = teamup("sync", "course-sessions", "--to", "gym.sqlite")
    timer = threading.Timer(0.5, other.close)
    timer.start()
    waited = teamup("sync", "course-sessions", "--to", "gym.sqlite", "--wait", "60")
    timer.join()

    assert refused[0] == 1
    assert "--wait" in refused[2]
    assert waited == (0, "", "")
    assert teamup("sync", "course-sessions", "--to", "gym.sqlite", "--wait", "-1")[2].startswith(
        "teamup: --wait must"
    )
    assert "--wait goes with a folder" in teamup("pull", "course-sessions", "-o", "x.csv", "--wait", "5")[2]


def test_a_report_and_a_list_of_one_name(teamup, tmp_path: Path) -> None:
    """A report and a list of the same name are two: neither is dropped, and each has a file of its own."""
    code, _, _ = teamup(
        "pull", "attendances", "lists.attendances", "--set", "attendances.status=no_show", "-o", "data"
    )

    assert code == 0
    assert {file.name for file in (tmp_path / "data").glob("*.jsonl")} == {
        "attendances.jsonl",
        "lists_attendances.jsonl",
    }
    assert {row["status"] for row in rows_of("jsonl", tmp_path / "data", "attendances")} == {"no_show"}


def test_a_table_of_another_account(teamup, sandbox: Sandbox, tmp_path: Path) -> None:
    """What would be refused again is not to be run again."""
    arguments = ("sync", "instructed-sessions", "--to", "sqlite:gym.db", "--token", sandbox.shared_token)
    first, second = (str(account.provider_id) for account in sandbox.accounts[:2])
    assert teamup(*arguments, "--provider-id", first)[0] == 0
    code, _, err = teamup(*arguments, "--provider-id", second)
    assert code == 1
    assert "Use another target, or another place." in err
    assert err.endswith("  1 of 1 report is incomplete.\n")
