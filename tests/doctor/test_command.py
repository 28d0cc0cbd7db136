"""``teamup doctor``: what it prints, what it saves, and what it says when nothing works."""

import json
import os
import re
from pathlib import Path

import attrs
import pytest

from teamup_async.cli.config_edit import with_dialect
from teamup_async.config_file import read_config
from teamup_async.dialect import UNKNOWNS, Dialect
from teamup_async.errors import ConfigurationError
from teamup_async.sandbox import Sandbox

FILE = """\
# Ours.
timezone = "Europe/London"   # where we are

[accounts.north]
provider_id = 714001
token_env = "NORTH_TOKEN"    # of the night job
dialect = { id_gt = "ignored", ties = "changing" }  # guessed

[accounts.south]
token_env = "SOUTH_TOKEN"
"""


@pytest.fixture
def served(environment: pytest.MonkeyPatch, tmp_path: Path):
    """A sandbox that speaks another dialect, in the environment."""
    dialect = Dialect(arrays="comma", sort_by_id="ignored")
    with Sandbox.in_thread(rows=300, rate=None, dialect=dialect) as sandbox:
        environment.setenv("TEAMUP_BASE_URL", sandbox.url)
        environment.setenv("TEAMUP_TOKEN", sandbox.token)
        environment.setenv("COLUMNS", "80")
        environment.chdir(tmp_path)
        yield sandbox


def test_what_it_prints(teamup, served: Sandbox) -> None:
    """What differs, what is open and why, and the line of Python; within the width of the terminal."""
    code, out, err = attrs.astuple(teamup("doctor"))

    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("30 of 34 unknowns found, in ")
    assert "  arrays      comma    both columns came, and no other" in out.splitlines()
    assert '  TeamUp(dialect=Dialect(arrays="comma", sort_by_id="ignored"))' in out.splitlines()
    assert "  quota_of" in out
    assert max(map(len, out.splitlines())) <= 120
    assert served.token not in out
    whole = teamup("doctor", "--verbose").out
    assert (
        "      GET /reports/attendances/data?format=json&sort=id&columns=id,status&limit=20: 200, 20 rows"
        in whole
    )


def test_the_page(teamup, served: Sandbox) -> None:
    """docs/doctor.md shows what the command prints, names its options, and has a line for every field."""
    page = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text("utf-8")
    shown = page[page.index("30 of 34 ") :].partition("```")[0]

    assert teamup("doctor").out == shown
    for option in ("--save", "--report FILE", "--json", "--quota", "--record DIR"):
        assert f"| `{option}` |" in page
        assert option.split()[0] in teamup("doctor", "--help").out
    assert re.findall(r"^\| `(\w+)` \| (?:\d) of ", page, re.MULTILINE) == [one.name for one in UNKNOWNS]


def test_json(teamup, served: Sandbox) -> None:
    """As JSON: one object with the dialect and every finding."""
    told = json.loads(teamup("doctor", "--json").out)

    assert told["dialect"] == {"arrays": "comma", "sort_by_id": "ignored"}
    assert len(told["findings"]) == 34
    assert told["requests"] <= 40


def test_save_and_go_on(teamup, served: Sandbox) -> None:
    """What was saved is what the next commands use; saving again changes nothing."""
    ran = teamup("doctor", "--save", "-q")
    assert ran.err == "teamup.toml: the dialect was saved\n"
    assert Path("teamup.toml").read_text() == 'dialect = {arrays = "comma", sort_by_id = "ignored"}\n'
    wanted = ("--attendance-status", "attended", "--attendance-status", "no_show")
    with Sandbox.in_thread(rows=300, rate=None) as usual:
        expected = teamup(
            "count",
            "attendances",
            *wanted,
            "--base-url",
            usual.url,
            "--config",
            os.devnull,
            "--token",
            usual.token,
        )
    assert teamup("count", "attendances", *wanted) == expected
    assert (
        teamup("doctor", "--save").err
        == "teamup.toml: nothing to save, what was found is there or is the default\n"
    )


def test_saving_leaves_the_rest_alone(teamup, served: Sandbox, environment: pytest.MonkeyPatch) -> None:
    """In a file with accounts, only the fields of the account's dialect change; comments and permissions stay."""
    environment.setenv("NORTH_TOKEN", served.token)
    file = Path("teamup.toml")
    file.write_text(FILE)
    file.chmod(0o640)
    ran = teamup("doctor", "--save", "--account", "north")

    assert ran.err == "teamup.toml: the dialect was saved for the account north\n"
    saved = FILE.replace(
        '{ id_gt = "ignored", ties = "changing" }', '{arrays = "comma", sort_by_id = "ignored"}'
    )
    assert file.read_text() == saved
    assert file.stat().st_mode & 0o777 == 0o640
    assert read_config().settings("north")["dialect"] == {"arrays": "comma", "sort_by_id": "ignored"}


def test_settings_that_are_wrong(teamup, served: Sandbox, environment: pytest.MonkeyPatch) -> None:
    """A setting that the answers contradict is told, and saving corrects it, for the account alone."""
    environment.setenv("NORTH_TOKEN", served.token)
    top = 'dialect = { arrays = "comma", ties = "changing", sort_by_id = "refused" }\n'
    Path("teamup.toml").write_text(top + '\n[accounts.north]\ntoken_env = "NORTH_TOKEN"\n')
    out = teamup("doctor", "--account", "north").out

    told = [line.split() for line in out.partition("Your settings say otherwise:\n")[2].splitlines()[:2]]
    assert [words[:4] for words in told] == [
        ["sort_by_id", "ignored", "not", "refused:"],
        ["ties", "steady", "not", "changing:"],
    ]
    assert "All that was found" not in out
    assert "  teamup doctor --save" in out
    teamup("doctor", "--account", "north", "--save")
    assert Path("teamup.toml").read_text().startswith(top)
    now = read_config().settings("north")["dialect"]
    assert now == {"arrays": "comma", "ties": "steady", "sort_by_id": "ignored"}
    assert "Your settings" not in teamup("doctor", "--account", "north").out

    environment.setenv("TEAMUP_DIALECT", "ties=changing")
    Path("teamup.toml").unlink()
    out = teamup("doctor").out
    assert "The variable TEAMUP_DIALECT stands above the file: unset it, or correct it." in out


def test_a_report(teamup, served: Sandbox, tmp_path: Path) -> None:
    """``--report`` writes what can be attached to an issue; a place that can't be written is an error."""
    ran = teamup("doctor", "--report", "doctor.md")
    text = (tmp_path / "doctor.md").read_text()

    assert ran.err == "doctor.md: written; it holds no token and no data of customers\n"
    assert text.startswith("# How this TeamUp answers\n")
    assert served.token not in text
    ran = teamup("doctor", "--report", "missing/doctor.md")
    assert ran.code == 1
    assert "cannot write missing/doctor.md: No such file" in ran.err


def test_json_and_a_report_that_can_not_be_written(teamup, served: Sandbox) -> None:
    """Standard output has one JSON object, whatever happens."""
    ran = teamup("doctor", "--json", "--report", "missing/doctor.md")
    assert ran.code == 1
    assert json.loads(ran.out)["ok"] is False


def test_a_wrong_token(teamup, served: Sandbox, environment: pytest.MonkeyPatch) -> None:
    """A token that is not accepted is told with what was tried, on stderr, and not as a finding."""
    environment.setenv("TEAMUP_TOKEN", "never-seen-before")
    code, out, err = attrs.astuple(teamup("doctor"))

    assert (code, out) == (1, "")
    assert "401 authentication_failed" in err
    assert "Token, Bearer and JWT were all refused" in err
    assert "never-seen" not in err


def test_no_network(teamup, served: Sandbox, environment: pytest.MonkeyPatch) -> None:
    """Where nobody listens, it ends with the error and what to check."""
    environment.setenv("TEAMUP_BASE_URL", "http://127.0.0.1:9/api/v2")
    code, out, err = attrs.astuple(teamup("doctor"))

    assert (code, out) == (1, "")
    assert "Cannot connect to host 127.0.0.1:9" in err
    assert "Check the network and --base-url (now http://127.0.0.1:9/api/v2)." in err


@pytest.mark.parametrize(
    ("before", "account", "found", "deviations", "after"),
    [
        ("", None, {"ties": "changing"}, {"ties": "changing"}, 'dialect = {ties = "changing"}\n'),
        ("", None, {"ties": "steady"}, {}, ""),
        (
            "[accounts.a]\nrate = 1\n\n[accounts.b]\nrate = 2\n",
            None,
            {"ties": "changing"},
            {"ties": "changing"},
            'dialect = {ties = "changing"}\n\n[accounts.a]\nrate = 1\n\n[accounts.b]\nrate = 2\n',
        ),
        (
            "[accounts.a]\nrate = 1\n\n[accounts.a.dialect]\nties = 'changing'  # so\narrays = 'comma'\n",
            "a",
            {"ties": "steady", "id_gt": "ignored"},
            {"id_gt": "ignored"},
            "[accounts.a]\nrate = 1\n\n[accounts.a.dialect]\narrays = 'comma'\nid_gt = \"ignored\"\n",
        ),
        ('dialect = {ties = "changing"}\nrate = 1\n', None, {"ties": "steady"}, {}, "rate = 1\n"),
        (
            'dialect = {ties = "changing"}\n\n[accounts.a]\nrate = 1\n',
            "a",
            {"ties": "steady"},
            {},
            'dialect = {ties = "changing"}\n\n[accounts.a]\nrate = 1\ndialect = {ties = "steady"}\n',
        ),
        (
            'dialect = {ties = "changing"}\n\n[accounts.a]\nrate = 1\n',
            "a",
            {"ties": "changing"},
            {"ties": "changing"},
            'dialect = {ties = "changing"}\n\n[accounts.a]\nrate = 1\n',
        ),
        ("rate = 1 # é\r\n", None, {"ties": "steady"}, {}, "rate = 1 # é\r\n"),
    ],
)
def test_edits(before: str, account: str | None, found, deviations, after: str) -> None:
    """What is known now replaces what stood there; what is unknown stays, and so does every other line."""
    assert with_dialect(before, account, found, deviations) == after


def test_an_edit_that_can_not_be() -> None:
    """A file without the account, or that is not TOML, is left alone."""
    for text in ("rate = 1", "rate = "):
        with pytest.raises(ConfigurationError, match="the file can't be changed"):
            with_dialect(text, "north", {}, {})
