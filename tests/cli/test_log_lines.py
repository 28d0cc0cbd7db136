"""`--log json` and `--log text`: whatever is said on stderr is a line of a log."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from teamup_async.cli.running import run
from teamup_async.sandbox import faults

FIRST = ["time", "level", "logger", "message", "account", "endpoint", "position"]


def lines_of(text: str) -> list[dict[str, Any]]:
    """The lines, each of which must be an object that begins as all do."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert all(list(line)[: len(FIRST)] == FIRST for line in lines)
    return lines


def test_a_pull(teamup, tmp_path):
    """A pull tells its parts and its end; standard output stays what it is."""
    ended = teamup(
        "pull", "attendances", "venues", "-o", f"{tmp_path}/", "--format", "jsonl", "--log", "json", "--json"
    )

    lines = lines_of(ended.err)
    assert ended.code == 0
    assert json.loads(ended.out)["ok"] is True
    assert {line["endpoint"] for line in lines if line["logger"] == "teamup_async.bulk"} == {
        "attendances",
        "venues",
        None,
    }
    assert next(line["rows"] for line in lines if "the run is over" in line["message"]) > 0


@pytest.mark.parametrize(
    ("options", "levels"),
    [((), {"info"}), (("-v",), {"debug", "info"}), (("--quiet",), set[str]())],
)
def test_how_much(teamup, tmp_path, options, levels):
    """--verbose tells each answer, and --quiet only what went wrong."""
    ended = teamup("sync", "venues", "--to", f"sqlite:{tmp_path / 'gym.db'}", "--log=json", *options)

    assert ended.code == 0
    assert {line["level"] for line in lines_of(ended.err)} == levels


def test_what_goes_wrong(teamup, sandbox, tmp_path):
    """An error is a line with its level, and what a server quotes of the token is not in it."""
    sandbox.faults.add(faults.status(400, {"message": f"Bad token {sandbox.token}"}), times=None)
    try:
        ended = teamup("pull", "attendances", "-o", str(tmp_path / "a.csv"), "--log", "json", "-v")
    finally:
        sandbox.faults.clear()

    lines = lines_of(ended.err)
    assert ended.code == 1
    assert any(line["level"] == "error" and line["logger"] == "teamup_async.cli" for line in lines)
    assert sandbox.token not in ended.err


@pytest.mark.parametrize("arguments", [("pull", "nothing-of-this-name"), ("pull", "attendances", "--bad")])
def test_wrong_usage(teamup, arguments):
    """What is wrong with the command line is a line, too."""
    ended = teamup(*arguments, "--log", "json")

    assert ended.code == 2
    assert lines_of(ended.err)[0]["level"] == "error"


def test_before_the_command(teamup, tmp_path):
    """The option may stand before the command, as the others may."""
    ended = teamup("--log", "json", "-q", "pull", "venues", "-o", str(tmp_path / "a.csv"))

    assert (ended.code, ended.err) == (0, "")


def test_text(teamup, tmp_path):
    """As text a line has time, level, logger and message."""
    ended = teamup("sync", "venues", "--to", f"sqlite:{tmp_path / 'gym.db'}", "--log", "text")

    assert ended.code == 0
    assert all(" INFO teamup_async." in line for line in ended.err.splitlines())
    assert "the part venues is complete" in ended.err


def test_another_word(teamup):
    """Another word is refused, with those that there are."""
    ended = teamup("check", "--log", "yaml")

    assert ended.code == 2
    assert '"text", "json"' in ended.err


def test_what_must_not_happen(monkeypatch, capsys):
    """An error of this program itself is a line with its traceback, without the token, and the code 1; nothing of the
    log is left over for the next run in the process.
    """
    monkeypatch.setenv("TEAMUP_TOKEN", "canary-4f1d")
    before = (list(logging.getLogger().handlers), logging.getLogger("teamup_async").level)

    class Odd:
        def __iter__(self) -> Any:
            raise RuntimeError("the canary-4f1d sang")

    code = run(["reports", "--log", "json"], endpoints=Odd())

    [line] = lines_of(capsys.readouterr().err)
    assert (code, line["level"]) == (1, "error")
    assert line["exception"].endswith("RuntimeError: the *** sang")
    assert before == (list(logging.getLogger().handlers), logging.getLogger("teamup_async").level)
