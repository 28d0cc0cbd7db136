"""Every block of Python and every command in the pages of the site and in README.md runs as it stands there."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox
from tests.docs import ROOT
from tests.postgres_server import PostgresServer
from tests.s3_server import serving
from tests.site.blocks import SHOWN, Block, blocks_of, commands_of, pages, unknown_extras
from tests.site.run import PageRun

RUN = ("python", "sh")
PAGES = {str(path.relative_to(ROOT)): list(blocks_of(path)) for path in pages()}
ALL = [block for blocks in PAGES.values() for block in blocks]


@contextmanager
def a_studio() -> Iterator[int]:
    """The PostgreSQL server of a page, on a port of loopback, with the database that the page has made."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with PostgresServer(port) as server:
        server.create_database("studio")
        yield port


@pytest.fixture
def log_as_before() -> Iterator[None]:
    """Pages may add handlers to the log; none of them stays."""
    logger = logging.getLogger("teamup_async")
    before = logger.level, list(logger.handlers)
    yield
    logger.setLevel(before[0])
    logger.handlers[:] = before[1]


@pytest.mark.slow
@pytest.mark.usefixtures("log_as_before")
@pytest.mark.parametrize(
    "page", [page for page, blocks in PAGES.items() if any(block.language in RUN for block in blocks)]
)
def test_page_runs(page: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch) -> None:
    """The blocks of a page run in order: Python with the names of those before, commands with exit code 0."""
    with Sandbox.in_thread(rows=300, seed=5, rate=None) as sandbox, ExitStack() as services:
        if any("postgresql://" in block.text for block in PAGES[page] if block.language in RUN):
            monkeypatch.setenv("PGPORT", str(services.enter_context(a_studio())))
        if any("s3://" in block.text for block in PAGES[page] if block.language in RUN):
            services.enter_context(serving()).bucket("my-studio")
        sandbox.jobs.polls = 0
        PageRun(sandbox, tmp_path_factory.mktemp("page"), monkeypatch).run(PAGES[page])


def test_fences_say_what_they_are() -> None:
    """Each fence names a language that runs, or one that can hold no command."""
    assert [block.place for block in ALL if block.language not in (*RUN, *SHOWN)] == []


def test_what_is_not_run_says_why() -> None:
    """A block that is not run gives a reason of several words, and only code that could run has one."""
    left_out = [block for block in ALL if block.reason is not None]

    assert [block.place for block in left_out if len((block.reason or "").split()) < 3] == []
    assert [block.place for block in left_out if block.language not in RUN] == []


def page(folder: Path, text: str) -> list[Block]:
    """The blocks of a page with that text."""
    file = folder / "page.md"
    file.write_text(text)
    return list(blocks_of(file))


def test_markers_hold_for_the_next_fence_only(tmp_path: Path) -> None:
    """A comment says something of the fence that follows it, with or without an empty line between them."""
    fence = "```sh\nteamup check\n```\n"
    text = f"<!-- not run: it never ends -->\n\n{fence}{fence}<!-- file: a.toml -->\n```toml\na = 1\n```\n"
    first, second, file = page(tmp_path, text)

    assert (first.reason, second.reason) == ("it never ends", None)
    assert (file.file, file.text, file.line) == ("a.toml", "a = 1\n", 11)
    assert page(tmp_path, f"<!-- not run: it never ends -->\nText.\n{fence}")[0].reason is None


def test_commands_are_lines_without_comments(tmp_path: Path) -> None:
    """Comments are left out, and a backslash joins a line with the next."""
    (block,) = page(
        tmp_path, "```sh\n# first\nteamup check  # is it good?\nteamup pull \\\n  customers\n```\n"
    )

    assert list(commands_of(block)) == ["teamup check", "teamup pull customers"]


def test_extras_are_known() -> None:
    """A line that installs an extra which does not exist is noticed."""
    assert unknown_extras("pip install 'teamup-async[cli,duckdb]'") == set()
    assert unknown_extras("pip install 'teamup-async[clo,duckdb]'") == {"clo"}


@pytest.mark.parametrize(
    "text",
    [
        "```python\nraise ValueError\n```\n",
        "```python\nname = 1\n```\n```python\nawait nothing\n```\n",
        "```sh\nteamup pull nothing\n```\n",
        "```sh\nteamup reports | grep nothing\n```\n",
        "```python\ndef test_it():\n    raise ValueError\n```\n",
    ],
)
def test_what_fails_is_noticed(text: str, tmp_path: Path, monkeypatch) -> None:
    """A block that fails, fails the test of its page."""
    blocks = [
        Block(ROOT / "page.md", block.line, block.language, block.text) for block in page(tmp_path, text)
    ]
    folder = tmp_path / "run"
    folder.mkdir()
    with Sandbox.in_thread(rows=10, rate=None) as sandbox:
        run = PageRun(sandbox, folder, monkeypatch)
        with pytest.raises((ValueError, NameError, AssertionError)):
            run.run(blocks)
