"""The package as a whole: what is in it, what is public, and which module may know which."""

import ast
import importlib
import inspect
import os
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from types import ModuleType

import pytest

import teamup_async
from teamup_async._version import __version__

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def modules() -> Iterator[ModuleType]:
    """All modules of the package that can be imported without running something.

    Those of an extra that is not installed here are left out: Spark has a session of its own.
    """
    yield teamup_async
    for found in pkgutil.walk_packages(teamup_async.__path__, "teamup_async."):
        if not found.name.endswith("__main__"):
            try:
                yield importlib.import_module(found.name)
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] != "pyspark":
                    raise


def run(*command: str) -> str:
    """Run a command; give what it printed."""
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def python(program: str) -> str:
    """Run a program in a fresh interpreter; give what it printed."""
    return run(sys.executable, "-c", program)


@pytest.fixture
def distribution() -> metadata.Distribution:
    """The installed distribution, which a bare checkout has not."""
    try:
        return metadata.distribution("teamup-async")
    except metadata.PackageNotFoundError:
        pytest.skip("the package is not installed; `pip install --editable '.[cli]'`")


def test_version(distribution: metadata.Distribution) -> None:
    """The version is written in one place, and the distribution, the package and the changelog have it."""
    assert __version__ == distribution.version
    assert __version__ == teamup_async.__version__
    assert f"## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_typed() -> None:
    """Type checkers may rely on the annotations (PEP 561)."""
    assert resources.files(teamup_async).joinpath("py.typed").is_file()


def test_extras(distribution: metadata.Distribution) -> None:
    """Extras are for users; nothing for development is among them."""
    extras = set(PROJECT["project"]["optional-dependencies"])

    assert extras == set(distribution.metadata.get_all("Provides-Extra") or ())
    assert extras.isdisjoint(PROJECT["dependency-groups"])


def test_entry_points(distribution: metadata.Distribution) -> None:
    """The console script and the pytest plugin are there, and load."""
    names = {(point.group, point.name) for point in distribution.entry_points}

    commands = {("console_scripts", name) for name in ("teamup", "teamup-async")}
    assert {*commands, ("pytest11", "teamup_async")} == names
    assert all(point.load() is not None for point in distribution.entry_points)


@pytest.mark.parametrize("command", ["python -m teamup_async", "teamup", "teamup-async"])
def test_command(command: str, distribution: metadata.Distribution) -> None:
    """`teamup`, `python -m teamup_async`, and `teamup-async`, which uvx runs, are the same command."""
    name, *options = command.split()
    start = [sys.executable if options else str(Path(sys.executable).with_name(name)), *options]

    assert run(*start, "--version").strip().endswith(distribution.version)


def test_public_names() -> None:
    """What `dir()` shows is what `__all__` says, and nothing else is public."""
    shown = {
        name
        for name in dir(teamup_async)
        if not name.startswith("_") and not inspect.ismodule(getattr(teamup_async, name))
    }

    assert shown == {name for name in teamup_async.__all__ if not name.startswith("__")}


@pytest.mark.parametrize("name", teamup_async.__all__)
def test_public_docstrings(name: str) -> None:
    """Every public class and function says what it is, and so does each of its public methods."""
    value = getattr(teamup_async, name)
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return
    members = inspect.getmembers_static(value) if inspect.isclass(value) else []
    described = [
        member
        for member, defined in members
        if not member.startswith("_")
        and isinstance(defined, property | classmethod | staticmethod | type(run))
    ]

    assert value.__doc__, name
    assert [member for member in described if not inspect.getdoc(getattr(value, member))] == []


@pytest.mark.slow
def test_modules() -> None:
    """Every module says what it is for, and lists only names that it has."""
    for module in modules():
        names = getattr(module, "__all__", ())

        assert module.__doc__, module.__name__
        assert [name for name in names if not hasattr(module, name)] == [], module.__name__
        assert len(names) == len(set(names)), module.__name__


def loaded_by(program: str) -> set[str]:
    """The modules that a program loads in a fresh interpreter."""
    before = "import sys; before = set(sys.modules)"
    return set(python(f"{before}; {program}; print(*(set(sys.modules) - before))").split())


def test_import_is_light() -> None:
    """`import teamup_async` loads no package but its own root, and next to nothing of the standard library."""
    loaded = loaded_by("import teamup_async")

    assert {"teamup_async", "teamup_async._version"} == {name for name in loaded if "teamup_async" in name}
    assert {"aiohttp", "asyncio", "attr", "attrs", "cattrs", "msgspec"} & loaded == set()


def test_import_of_the_client_is_light() -> None:
    """Importing the client loads what connects, and nothing that only a first request, page or stream needs."""
    later = {
        "aiohttp.web",
        "cattrs",
        "cyclopts",
        "html",
        "difflib",
        "msgspec",
        "pyrate_limiter",
        "rich",
        "sqlite3",
        "tenacity",
        "teamup_async._decoding",
        "teamup_async._walking.walk",
        "teamup_async.bulk",
        "teamup_async.cli",
        "teamup_async.endpoint",
        "teamup_async.objects",
        "teamup_async.query",
        "teamup_async.sandbox",
        "teamup_async.sinks",
        "teamup_async.stream",
    }
    loaded = loaded_by("from teamup_async import TeamUp")

    assert "teamup_async.client" in loaded
    assert later & loaded == set()
    assert [
        name for name in loaded if name.startswith(("teamup_async.reports.", "teamup_async.lists."))
    ] == []


def test_a_pull_loads_what_it_reads() -> None:
    """Planning a pull of one report loads the declaration of no other."""
    loaded = loaded_by("from teamup_async import TeamUp; TeamUp(token='t').plan({'attendances': {}})")

    declared = {name for name in loaded if re.match(r"teamup_async\.(reports|lists)\.", name)}
    assert declared == {"teamup_async.reports.attendances"}


def test_pytest_plugin_is_light() -> None:
    """The pytest plugin costs a user's test run nothing until its fixture is used."""
    loaded = loaded_by("import pytest, teamup_async.sandbox.pytest_plugin")

    assert {"aiohttp.web", "sqlite3", "teamup_async.sandbox.data"} & loaded == set()


@pytest.mark.slow
def test_tests_say_what_they_pin() -> None:
    """The docstring of every test states the behaviour it pins."""
    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []


@pytest.mark.slow
def test_floors() -> None:
    """Imports run downwards, and aiohttp, tenacity and the like are known where named: pyproject.toml."""
    check = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    checked = subprocess.run(
        [sys.executable, "-c", check, "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
    )

    assert "0 broken." in checked.stdout, checked.stdout + checked.stderr
    assert checked.returncode == 0


def test_one_line_for_all_tests() -> None:
    """README.md and the continuous integration run the same line."""
    line = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]

    assert line.endswith("nox")
    assert line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()


def test_contributing_names_what_there_is() -> None:
    """Every file and folder that CONTRIBUTING.md sends its reader to exists."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    ways = text.partition("## Where to go")[2].partition("## Words")[0]
    named = re.findall(r"[\w/]+(?:\.py\b|/(?=[\s`]))", ways)
    package = [ROOT / "teamup_async", *(ROOT / "teamup_async").iterdir(), ROOT]

    assert len(named) > 30
    assert [name for name in named if not any((folder / name).exists() for folder in package)] == []
