"""``teamup export``."""

from __future__ import annotations

import csv
import io
import json

import pytest


@pytest.fixture(autouse=True)
def prompt(sandbox):
    """Jobs are done at once, so that nothing waits."""
    sandbox.jobs.polls = 0
    yield
    sandbox.jobs.polls, sandbox.jobs.stalls_at, sandbox.jobs.result = 2, None, "ready"


def test_csv_and_json(teamup, tmp_path):
    """A report becomes the file that its ending says; the last line tells what it took."""
    ran = teamup("export", "attendances", "--status", "attended", "-o", tmp_path / "a.csv")
    assert (ran.code, ran.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text())))
    assert {row["status"] for row in rows} == {"attended"}
    assert len(rows) == int(teamup("count", "attendances", "--status", "attended").out)
    assert "5 requests" in ran.err
    assert teamup("export", "attendances", "-q", "-o", tmp_path / "a.json").err == ""
    assert len(json.loads((tmp_path / "a.json").read_text())) == 450


def test_a_job_that_goes_on(teamup, sandbox, tmp_path):
    """A job that stalls is named, with the command that goes on with it; that command fetches the file."""
    sandbox.jobs.stalls_at = 0.5
    ran = teamup("export", "attendances", "--wait", "0.5", "-o", tmp_path / "a.csv")
    assert ran.code == 1
    line = next(line for line in ran.err.splitlines() if "go on with" in line)
    sandbox.jobs.stalls_at = None
    again = line.partition("teamup ")[2].split()
    assert "--job" in again
    assert teamup(*again).code == 0
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 451


@pytest.mark.parametrize(
    "options", [["-o", "a.xlsx"], ["-o", "a.csv", "--format", "json"], ["-o", "a.parquet"]]
)
def test_endings(teamup, sandbox, options):
    """What is neither CSV nor JSON is refused before a job is started."""
    before = sandbox.requests
    ran = teamup("export", "attendances", *options)
    assert ran.code == 2
    assert "csv or a json file" in ran.err
    assert sandbox.requests == before


def test_a_format_without_an_ending(teamup, tmp_path):
    """A file without an ending takes the format that is named."""
    assert teamup("export", "attendances", "-o", tmp_path / "rows", "--format", "csv").code == 0
    assert (tmp_path / "rows").read_text().startswith("id,")


def test_lists(teamup):
    """A list can't be exported, and the command says so."""
    ran = teamup("export", "course-sessions", "-o", "a.csv")
    assert ran.code == 2
    assert "only reports can be exported" in ran.err


@pytest.mark.teamup_sandbox(rows=6000, rate=None)
def test_a_dry_run_names_it(teamup, teamup_sandbox):
    """A dry run of a long report says how many requests an export of it would take; one of a short report does not."""
    who = ("--base-url", teamup_sandbox.url, "--token", teamup_sandbox.token)
    ran = teamup("pull", "attendances", "-o", "a.parquet", "--dry-run", *who)
    assert "`teamup export attendances` would take about 10 requests instead of 6" in ran.out
    assert "export" not in teamup("pull", "venues", "-o", "a.parquet", "--dry-run", *who).out


def test_a_folder_that_is_not_there(teamup, sandbox, tmp_path):
    """A place that can't be written is told before a job is started."""
    before = sandbox.requests
    ran = teamup("export", "attendances", "-o", str(tmp_path / "gone" / "a.csv"))
    assert (ran.code, ran.out, sandbox.requests) == (1, "", before)
    assert ran.err == f"teamup: cannot write {tmp_path}/gone/a.csv: there is no folder {tmp_path}/gone\n"
