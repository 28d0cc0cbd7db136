"""``teamup doctor --record`` and ``pytest --teamup-recorded``: from an account to tests on its shapes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from teamup_async import ENDPOINTS, ConfigurationError, TeamUp, TeamUpError
from teamup_async.conformance import test_recorded
from teamup_async.dialect import Dialect
from teamup_async.doctor.recordings import INDEX, read_recordings
from teamup_async.sandbox import Sandbox, faults


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The answers of a sandbox of which most is not the default."""
    folder = tmp_path_factory.mktemp("recorded")
    dialect = Dialect(
        row_names="flat", header_names="flat", datetimes="offset", money_keys="plain", arrays="comma"
    )
    with Sandbox.in_thread(rows=150, rate=None, dialect=dialect) as sandbox:
        run(sandbox, folder)
    return folder


def run(sandbox: Sandbox, folder: Path) -> None:
    """Record what a sandbox answers."""
    import asyncio

    async def work() -> None:
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
            await teamup.diagnose(record=folder)

    asyncio.run(work())


def run_pytest(folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the tests of recorded answers, as a user does, but without the plugins that happen to be here."""
    plugin = ("-p", "teamup_async.sandbox.pytest_plugin", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, "--teamup-recorded", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    return done.returncode, done.stdout + done.stderr


def failures(folder: Path, name: str) -> dict[str, str]:
    """What the tests of a recorded answer find: the message of each that fails."""
    dialect, recordings = read_recordings(folder)
    recording = next(one for one in recordings if one.name == name)
    found = {}
    for test, check in list(vars(test_recorded).items()):
        if test.startswith("test_"):
            try:
                check(recording, dialect)
            except (AssertionError, TeamUpError, UserWarning) as error:  # warnings are errors here
                found[test.removeprefix("test_")] = str(error)
    return found


def change(folder: Path, name: str, how: Callable[[Any], object]) -> None:
    """Change a recorded answer."""
    file = folder / f"{name}.json"
    content = json.loads(file.read_text())
    how(content["body"])
    file.write_text(json.dumps(content))


def test_every_endpoint(recorded: Path) -> None:
    """There is a page of every endpoint, with the dialect; lists with objects have them whole as well."""
    dialect, recordings = read_recordings(recorded)

    assert {one.endpoint for one in recordings} == {endpoint.full_name for endpoint in ENDPOINTS}
    assert "lists.events.expanded" in {one.name for one in recordings}
    assert dialect.deviations() == {
        "row_names": "flat",
        "header_names": "flat",
        "datetimes": "offset",
        "money_keys": "plain",
        "arrays": "comma",
    }


def test_nothing_of_the_account(tmp_path: Path) -> None:
    """No name, mail address, id, place or token of the account is in any file."""
    with Sandbox.in_thread(rows=150, rate=None) as sandbox:
        run(sandbox, tmp_path)
        said = "".join(file.read_text() for file in tmp_path.iterdir())
        customers = sandbox.sql("SELECT id, first_name, last_name, email FROM customers")
        venues = sandbox.sql("SELECT name FROM venues")

    assert sandbox.token not in said
    assert str(sandbox.accounts[0].provider_id) not in said
    assert [row for row in customers if any(f'"{value}"' in said for value in list(row)[1:])] == []
    assert [row for row in customers if f": {row[0]}," in said] == []
    assert [row for row in venues if str(row[0]) in said] == []


@pytest.mark.parametrize(
    "name",
    [
        "reports.attendances",
        "reports.invoices",
        "reports.attendances.grouped",
        "lists.attendances",
        "lists.events.expanded",
    ],
)
def test_recorded_answers_pass(recorded: Path, name: str) -> None:
    """What a server answers that this package knows passes all tests, whatever its dialect."""
    assert failures(recorded, name) == {}


@pytest.mark.filterwarnings("ignore::teamup_async.errors.TeamUpDialectWarning")
def test_what_differs_fails(recorded: Path, tmp_path: Path) -> None:
    """A field that is new, one that is gone, another type, another value of an enum: a test names each."""
    folder = tmp_path / "changed"
    shutil.copytree(recorded, folder)
    change(folder, "lists.venues", lambda body: body["results"][0].update(colour="red"))
    change(folder, "lists.customers", lambda body: [row.pop("email") for row in body["results"]])
    change(folder, "reports.attendances", lambda body: body["rows"][3].update(event_starts_at="soon"))
    change(folder, "lists.events", lambda body: body["results"][0].update(status="postponed"))
    change(folder, "reports.customers", lambda body: body["rows"].insert(1, body["rows"][0]))

    assert {name: "colour" in text for name, text in failures(folder, "lists.venues").items()} == {
        "no_unknown_fields": True
    }
    assert {name: "email" in text for name, text in failures(folder, "lists.customers").items()} == {
        "no_missing_fields": True
    }
    assert "rows[3]" in failures(folder, "reports.attendances")["rows_are_read"]
    assert {name: "status" in text for name, text in failures(folder, "lists.events").items()} == {
        "no_odd_values": True
    }
    assert "walks" in failures(folder, "reports.customers")


def test_as_a_user_runs_it(recorded: Path, tmp_path: Path) -> None:
    """``pytest --teamup-recorded DIR`` runs these tests and no others; a folder without a recording is told as such."""
    code, said = run_pytest(recorded, "-k", "lists.venues or reports.classes")
    assert code == 0, said
    assert "20 passed" in said
    code, said = run_pytest(tmp_path)
    assert code == 4
    assert "holds no recording" in said


def test_folders(tmp_path: Path) -> None:
    """A folder with other files is left alone, before anything is recorded; an older recording is replaced."""
    (tmp_path / "mine.txt").write_text("x")
    with Sandbox.in_thread(rows=5, rate=None) as sandbox:
        with pytest.raises(ConfigurationError, match="holds other files"):
            run(sandbox, tmp_path)
        sandbox.faults.add(faults.status(403), path="/customers", times=None)
        again = tmp_path / "again"
        run(sandbox, again)
        run(sandbox, again)
    index = json.loads((again / INDEX).read_text())

    assert {"name": "lists.customers", "endpoint": "lists.customers", "status": 403, "rows": False} in index[
        "answers"
    ]
    assert not (again / "lists.customers.json").exists()
    assert (tmp_path / "mine.txt").exists()


def test_the_command(teamup, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``teamup doctor --record`` says what it wrote and how to test it."""
    environment.chdir(tmp_path)
    ran = teamup("doctor", "--record", "answers")

    assert ran.code == 0
    assert "with made-up values; test them with: pytest --teamup-recorded answers" in ran.err
    assert (tmp_path / "answers" / INDEX).exists()
