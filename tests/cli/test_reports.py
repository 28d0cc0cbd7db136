"""`--report`: exit code, last line and report say the same, however a run ends."""

import json
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from teamup_async.sandbox import Sandbox, faults
from teamup_async.sinks.base import Target
from teamup_async.sinks.named import sink_named
from tests.cli.test_process import WAIT, hang_on, posix

DOCS = Path(__file__).parents[2] / "docs"
valid = fastjsonschema.compile(json.loads((DOCS / "run-report.schema.json").read_text("utf-8")))
SYNC = ("sync", "attendances", "course-sessions", "--to", "gym.db")
FILES = ("--report", "night.json", "--report", "night.html")


def read_report() -> dict[str, Any]:
    """The report in both forms: valid, and with the same first facts."""
    report = json.loads(Path("night.json").read_text("utf-8"))
    page = Path("night.html").read_text("utf-8")
    valid(report)
    assert f"Exit code {report['exit_code']}," in page
    assert report["outcome"] in page or report["ok"] or "This needs a hand" in page
    return report


@pytest.fixture
def reported(teamup: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Run a command with reports in an empty folder; its exit code and last line are those of the report."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> dict[str, Any]:
        for file in ("night.json", "night.html"):
            Path(file).unlink(missing_ok=True)
        ran = teamup(*arguments, *FILES)
        report = read_report()
        assert ran.code == report["exit_code"]
        if ran.err:
            assert ran.err.splitlines()[-1].strip().removeprefix("teamup: ") == report["last_line"]
        return report

    return run


@pytest.fixture
def own(environment: pytest.MonkeyPatch) -> Any:
    """A sandbox that may be changed."""
    with Sandbox.in_thread(rows=150, seed=5, rate=None) as sandbox:
        environment.setenv("TEAMUP_BASE_URL", sandbox.url)
        environment.setenv("TEAMUP_TOKEN", sandbox.token)
        yield sandbox


def test_all_well_then_nothing_new_then_a_difference(reported: Any, own: Sandbox) -> None:
    """A first sync, one without anything new, and one whose table differs end with 0, and say which it was."""
    first = reported(*SYNC, "-v")
    second = reported(*SYNC, "-v")
    own.delete("attendances", n=3)
    third = reported(*SYNC)
    strict = reported(*SYNC, "--verify")

    assert [each["outcome"] for each in (first, second, third)] == ["complete", "unchanged", "difference"]
    assert [each["exit_code"] for each in (first, second, third, strict)] == [0, 0, 0, 1]
    assert first["totals"]["new"] == first["totals"]["table"] == first["rows"] == 153
    assert first["totals"]["requests"] > sum(part["requests"] for part in first["parts"])
    assert first["parts"][0]["integrity"] == {"exact": True, "steady": True, "unproved": []}
    assert first["last_line"].startswith("All is well: 153 new, 0 changed")
    assert second["last_line"].startswith("All is well, and nothing is new: 153 rows in all")
    assert third["last_line"].startswith("Complete, but 1 of 2 tables differs")
    assert "3 too many" in third["attention"][0]["reason"]
    assert strict["outcome"] == "incomplete"
    assert [len(each["earlier"]) for each in (first, second, third, strict)] == [0, 1, 2, 3]
    assert [run["outcome"] for run in strict["earlier"]] == ["complete", "unchanged", "difference"]


def test_a_part_fails(reported: Any, sandbox: Sandbox) -> None:
    """Where one report fails, the report says which and why, and that the other is complete."""
    sandbox.faults.add(faults.status(500), path="course_sessions", times=None)
    report = reported(*SYNC, "--retries", "0")

    assert (report["outcome"], report["exit_code"]) == ("incomplete", 1)
    assert {part["name"]: part["status"] for part in report["parts"]} == {
        "attendances": "complete",
        "course_sessions": "incomplete",
    }
    assert [each["about"] for each in report["attention"]] == ["course_sessions"]
    assert "500" in report["attention"][0]["reason"]
    assert "out of order" in report["attention"][0]["advice"]


def test_a_token_is_refused(reported: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that TeamUp refuses is told with what to do, and is in no report."""
    monkeypatch.setenv("TEAMUP_TOKEN", "a-revoked-token")
    report = reported(*SYNC)

    assert (report["outcome"], report["exit_code"]) == ("incomplete", 1)
    assert all("does not accept the token" in each["advice"] for each in report["attention"])
    assert "a-revoked-token" not in json.dumps(report) + Path("night.html").read_text("utf-8")


def test_half_of_the_accounts(reported: Any, sandbox: Sandbox, tmp_path: Path, monkeypatch: Any) -> None:
    """Of two accounts one is refused: each has sums of its own, and the page has both."""
    text = ""
    for name, account in zip(("north", "south"), sandbox.accounts, strict=True):
        text += f'[accounts.{name}]\nprovider_id = {account.provider_id}\ntoken_env = "{name.upper()}"\n'
        monkeypatch.setenv(name.upper(), account.token if name == "north" else "a-revoked-token")
    (tmp_path / "teamup.toml").write_text(text)
    report = reported("pull", "attendances", "course-sessions", "-o", "csv:data", "--accounts", "teamup.toml")
    north, south = report["accounts"]

    assert (report["outcome"], report["exit_code"]) == ("incomplete", 1)
    assert report["last_line"].startswith("2 of 4 reports are incomplete, in 1 of 2 accounts.")
    assert (north["account"], north["complete"], north["parts"]) == ("north", 2, 2)
    assert (south["account"], south["complete"], south["parts"]) == ("south", 0, 2)
    assert north["rows"] > 0 == south["rows"]
    assert {each["account"] for each in report["attention"]} == {"south"}
    assert "a-revoked-token" not in json.dumps(report)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((*SYNC, "--accounts", "none.toml"), 2, "cannot read none.toml"),
        ((*SYNC, "--set", "attendances.status=tired"), 2, "tired"),
        (("sync", "attendances", "--to", "csv:data"), 1, "can't be kept up to date"),
    ],
)
def test_before_it_began(reported: Any, arguments: tuple[str, ...], code: int, says: str) -> None:
    """A run that fails before it has begun leaves a report too, with the same exit code and the same last line."""
    report = reported(*arguments)
    assert report["outcome"] == "failed"
    assert report["ok"] is False
    assert report["exit_code"] in (code, 2)
    assert says in report["error"]["message"]
    assert report["parts"] == []


def test_no_token(reported: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a token nothing is sent, and the report says so."""
    monkeypatch.delenv("TEAMUP_TOKEN")
    report = reported(*SYNC)
    assert (report["exit_code"], report["error"]["type"]) == (2, "ConfigurationError")
    assert (
        report["last_line"]
        == "no token: set the variable TEAMUP_TOKEN, or say in teamup.toml where the token is kept"
    )


def test_the_place_is_taken(reported: Any) -> None:
    """Where another run has the place, the report says so; nothing is remembered there."""
    other = sink_named("gym.db")
    other.open([Target(name="attendances")])
    report = reported(*SYNC)
    other.close()
    assert (report["outcome"], report["error"]["type"]) == ("failed", "SinkBusyError")


def test_a_bug(teamup: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends with a traceback has a report as well."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="null byte"):
        teamup("pull", "attendances", "-o", "csv:\0", *FILES)
    assert read_report()["error"]["type"] == "ValueError"


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped(start: Any, sandbox: Sandbox, tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Ctrl-C and SIGTERM leave a report of how far the run came, and the place remembers it."""
    came = hang_on(sandbox, "0")
    files = [str(tmp_path / name) for name in ("night.json", "night.html")]
    reports = [word for file in files for word in ("--report", file)]
    process = start(
        "sync", "attendances", "course-sessions", "--to", str(tmp_path / "gym.db"), *reports, "--json"
    )
    assert came.wait(WAIT)
    process.send_signal(number)
    out, err = process.communicate(timeout=WAIT)
    report = json.loads(Path(files[0]).read_text("utf-8"))

    valid(report)
    assert json.loads(out) == report
    assert (process.returncode, report["exit_code"], report["outcome"]) == (code, code, "interrupted")
    assert err.splitlines()[-1] == f"teamup: {report['last_line']}"
    assert report["last_line"].startswith("stopped after ")
    assert report["error"]["type"] == "Interrupted"
    assert len(report["parts"]) == 2
    assert "The run was stopped before it was complete." in Path(files[1]).read_text("utf-8")
    with sink_for(tmp_path / "gym.db") as sink:
        [before] = sink.remember({"series": "sync attendances course_sessions"})
    assert before["outcome"] == "interrupted"


class sink_for:  # noqa: N801 - reads as a function
    """A sink that is open."""

    def __init__(self, path: Path) -> None:
        self.sink: Any = sink_named(str(path))

    def __enter__(self) -> Any:
        self.sink.open([])
        return self.sink

    def __exit__(self, *_: object) -> None:
        self.sink.close()


def test_json_is_the_same_document(reported: Any, teamup: Any) -> None:
    """`--json` prints the document that `--report` writes."""
    ran = teamup(*SYNC, "--json", *FILES)
    assert json.loads(ran.out) == read_report()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*SYNC, "--report", "night.txt"), "--report night.txt must end in .json or .html"),
        ((*SYNC, "--report", "none/night.html"), "there is no folder"),
        ((*SYNC, "--report", "folder.html"), "is a directory"),
        ((*SYNC, "--report", "a.json", "--report", "./a.json"), "is named twice"),
        (("pull", "attendances", "-o", "json:a.json", "--report", "a.json"), "is where the rows go"),
        ((*SYNC, "--dry-run", "--report", "a.json"), "--dry-run is none"),
    ],
)
def test_what_can_not_be_reported(
    teamup: Any, sandbox: Sandbox, tmp_path: Path, monkeypatch: Any, arguments: tuple[str, ...], says: str
) -> None:
    """A report that could not be written is refused before anything is asked or written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.html").mkdir()
    before = sandbox.requests
    ran = teamup(*arguments)

    assert ran.code == 2
    assert says in ran.err
    assert sandbox.requests == before
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".db"] == []


def test_streams(reported: Any, teamup: Any, sandbox: Sandbox) -> None:
    """A pull into one file, or to standard output, is reported as well; part of a report proves nothing."""
    file = reported("pull", "attendances", "-o", "a.csv", "-v")
    output = reported("pull", "attendances")
    some = reported("pull", "attendances", "--limit", "7")
    sandbox.faults.add(
        faults.status(400),
        path="attendances",
        times=None,
        when=lambda asked: asked.value("offset") not in (None, "0"),
    )
    broken = reported("pull", "attendances", "-o", "b.csv", "--retries", "0", "--size", "100")

    assert [each["outcome"] for each in (file, output, some, broken)] == ["complete"] * 3 + ["failed"]
    assert [each["target"] for each in (file, output)] == ["csv:a.csv", "jsonl:standard output"]
    assert file["rows"] == output["rows"] == len(sandbox.ids("attendances"))
    assert file["parts"][0]["integrity"]["exact"] is True
    assert (some["rows"], some["parts"][0]["integrity"]["exact"]) == (7, None)
    assert (broken["exit_code"], broken["parts"][0]["status"]) == (1, "running")
    assert 0 < broken["rows"] < file["rows"]
    assert broken["resumable"] is False
    assert not Path("b.csv").exists()


@posix
def test_a_stopped_stream(start: Any, sandbox: Sandbox, tmp_path: Path) -> None:
    """A pull into one file begins anew, so its report does not advise to go on."""
    came = hang_on(sandbox, "99")
    report = tmp_path / "night.json"
    process = start("pull", "attendances", "-o", str(tmp_path / "a.csv"), "--report", str(report))
    assert came.wait(WAIT)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=WAIT)
    told = json.loads(report.read_text("utf-8"))

    valid(told)
    assert (process.returncode, told["exit_code"]) == (130, 130)
    assert re.fullmatch(r"teamup: stopped after \d+ rows, 0 of 1 report complete.\n", err)
    assert told["attention"][0]["advice"] is None


def test_rows_are_not_replaced(teamup: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """A report never takes the place of rows, in a folder of files neither."""
    monkeypatch.chdir(tmp_path)
    into = ("pull", "course-sessions", "-o", "json:data")
    first = teamup(*into)
    rows = Path("data/course_sessions.json").read_bytes()
    again = teamup(*into, "--report", "data/course_sessions.json")

    assert (first.code, again.code) == (0, 2)
    assert "is where the rows go" in again.err
    assert Path("data/course_sessions.json").read_bytes() == rows


def test_a_report_is_lost(teamup: Any, sandbox: Sandbox, tmp_path: Path, monkeypatch: Any) -> None:
    """A report whose folder is gone in the end makes the command fail; the other report says the same."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gone").mkdir()
    sandbox.before_request = lambda _: shutil.rmtree(tmp_path / "gone", ignore_errors=True)
    ran = teamup(*SYNC, "--report", "gone/night.html", "--report", "night.json")
    report = json.loads(Path("night.json").read_text("utf-8"))

    assert ran.code == report["exit_code"] == 1
    assert ran.err.splitlines()[-1] == report["last_line"]
    assert report["last_line"].startswith("the report is missing: cannot write gone/night.html")
    assert report["totals"]["complete"] == 2


def test_hostile_answers(reported: Any, sandbox: Sandbox) -> None:
    """HTML in an error of the server stays text in the page."""
    evil = {"code": "x", "message": "<script>alert(1)</script><img src=x onerror=alert(1)>", "type": "y"}
    sandbox.faults.add(faults.status(400, evil), path="course_sessions", times=None)
    report = reported(*SYNC, "--retries", "0")
    page = Path("night.html").read_text("utf-8")

    assert "<script>alert(1)</script>" in json.dumps(report)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_no_secret_of_the_command_line(reported: Any, sandbox: Sandbox) -> None:
    """The command is told without its token and without passwords."""
    report = reported(*SYNC, "--token", sandbox.token)
    equals = reported(*SYNC, f"--token={sandbox.token}")
    astray = reported("sync", "course-sessions", "--to", f"{sandbox.token}.db")

    assert "--token '***'" in report["call"]
    assert "--token=***" in equals["call"].replace("'", "")
    assert astray["target"] == "sqlite:***.db"
    for text in (*map(json.dumps, (report, equals, astray)), Path("night.html").read_text("utf-8")):
        assert sandbox.token not in text
    assert re.match(r"teamup sync attendances course-sessions --to gym.db", report["call"])
