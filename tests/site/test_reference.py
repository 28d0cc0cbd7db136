"""The reference of the site: every public name, error, command and option is on a page."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import teamup_async
from teamup_async.cli.app import COMMANDS
from teamup_async.errors import TeamUpError
from tests.docs import ROOT, script

made = script("made")
MODULES = ("", "blocking", "bulk", "doctor", "logs", "sandbox", "sinks", "telemetry", "integrations.dask")
LAZY = ("integrations.spark", "integrations.dlt")
"""What needs an extra that may be missing here: the names are read, not imported."""
DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. (?P<kind>\w+):: (?P<name>[\w.]+)\n(?P<options>(?:(?P=indent) +:.*\n)*)",
    re.MULTILINE,
)


def names_of(module: str) -> set[str]:
    """The public names of a module, with the module."""
    full = f"teamup_async.{module}".rstrip(".")
    if module in LAZY:
        text = (ROOT / f"{full.replace('.', '/')}.py").read_text(encoding="utf-8")
        names = re.findall(r'"(\w+)"', text.partition("__all__ = [")[2].partition("]")[0])
    else:
        names = import_module(full).__all__
    return {f"{full}.{name}" for name in names if not name.startswith("__")}


def described(text: str) -> set[str]:
    """The names that the directives of a page describe."""
    found: set[str] = set()
    home = ""
    for directive in DIRECTIVE.finditer(text):
        kind, name = directive["kind"], directive["name"]
        if kind == "currentmodule":
            home = name
        elif kind == "automodule" and ":members:" in directive["options"]:
            found |= names_of(name.removeprefix("teamup_async").removeprefix("."))
        elif kind.startswith("auto"):
            found |= {name, f"{home}.{name}"}
    return found


PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/python").glob("*.md"))}
DESCRIBED = set().union(*map(described, PAGES.values()))


@pytest.mark.parametrize("module", [*MODULES, *LAZY])
def test_public_names_are_on_a_page(module: str) -> None:
    """Whatever users can import from a public module is described in the reference."""
    assert names_of(module)
    assert names_of(module) - DESCRIBED == set()


def test_a_name_that_is_missing_is_noticed() -> None:
    """The comparison sees directives, not words: a name in a sentence does not count."""
    assert described(".. currentmodule:: teamup_async\n\n.. autoclass:: Page\n   :members:\n\nTeamUp\n") == {
        "Page",
        "teamup_async.Page",
    }


def test_pages_are_in_the_contents() -> None:
    """`docs/index.md` or a page in its table of contents leads to every page."""
    listed = (ROOT / "docs/index.md").read_text(encoding="utf-8").splitlines()

    assert [name for name in PAGES if f"python/{name}" not in listed] == []


@pytest.mark.parametrize("error", list(made.error_classes()), ids=lambda error: error.__name__)
def test_errors_say_what_to_do(error: type[BaseException]) -> None:
    """The docstring of every error and warning says what to do, and the table of errors shows it."""
    advice = made.what_to_do(error)

    assert len(advice.split()) > 3
    assert f"{error.__name__}` |" in made.tree()
    assert advice in made.tree()


def test_all_errors_are_in_the_table() -> None:
    """No public error is left out of the table, wherever it is defined."""
    public = {
        getattr(teamup_async, name)
        for name in teamup_async.__all__
        if isinstance(getattr(teamup_async, name), type)
        and issubclass(getattr(teamup_async, name), TeamUpError | Warning)
    }

    assert public - set(made.error_classes()) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_described(name: str) -> None:
    """The page of commands has each command, with each option that its help has."""
    from teamup_async.cli.app import build_app

    page = made.commands()
    chapter = page.partition(f"## teamup {name}\n")[2].partition("\n## ")[0]
    app = build_app([name])[name]
    options = {
        option
        for argument in app.assemble_argument_collection()
        if argument.show
        for option in argument.names
        if option.startswith("--") and not option.startswith("--no-")
    }

    assert "<!-- made: commands -->" in (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert chapter.strip()
    assert options or name == "reports"
    assert [option for option in options if option not in chapter] == []


def test_extras_are_on_a_page() -> None:
    """Every extra of the package is named in a page, as it is installed."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs/guides").glob("*.md")]
    named = {
        extra
        for path in pages
        for found in re.findall(r"teamup-async\[([\w,]+)\]", Path(path).read_text(encoding="utf-8"))
        for extra in found.split(",")
    }

    assert set(extras) - named == set()
