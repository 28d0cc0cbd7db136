"""The built site: its links and pictures, and what a browser makes of its pages on a telephone and on a desk."""

from __future__ import annotations

import asyncio
import fcntl
import functools
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import pytest_asyncio

from tests.docs import ROOT
from tests.site.browser import Browser, Tab
from tests.site.made import MadePage, broken_links

pytest.importorskip("sphinx")
pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

WIDTHS = (400, 1200)
TABS = 4
"""Pages that are loaded side by side."""

WIDER = """(() => {
    const page = document.scrollingElement, scrolls = element => element && element !== page &&
        (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
    if (page.scrollWidth <= WIDTH) return [];
    const wide = [...document.querySelectorAll("article *")].filter(
        element => element.getBoundingClientRect().right > WIDTH && !scrolls(element));
    return [`${page.scrollWidth} pixels wide: ` + wide.slice(0, 3).map(
        element => `<${element.tagName.toLowerCase()} class="${element.className}">`).join(" ")];
})()"""
"""A script that says how wide a page is and what sticks out of it, if it is wider than its window."""


# --- a site, where it is served, and a browser ------------------------------------------------------------


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built once for all processes that run tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made = shared / "site"
    with (shared / "site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = shared / "unfinished-site"
            build = [sys.executable, "-P", "-m", "sphinx.cmd.build", "--quiet", "--builder=html", "--jobs=2"]
            strict = ["--nitpicky", "--fail-on-warning", f"--doctree-dir={shared / 'doctrees'}"]
            subprocess.run([*build, *strict, str(ROOT / "docs"), str(unfinished)], check=True, timeout=400)
            unfinished.rename(made)
    return made


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, MadePage]:
    """The pages of the site, read as HTML."""
    return MadePage.all_of(site)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files of a folder, and writes no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Served:
    """A folder on a port of loopback: ``with Served(folder) as url:``."""

    def __init__(self, folder: Path) -> None:
        handler = functools.partial(Quiet, directory=str(folder))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with Served(site) as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One process of Chromium."""
    async with Browser() as started:
        yield started


async def complaints_of(tab: Tab, url: str) -> list[str]:
    """What is wrong with a page in a browser: its width in one of the windows, its scripts, its requests."""
    await tab.open(url)
    complaints = []
    for width in WIDTHS:
        await tab.resize(width)
        wider = await tab.evaluate(WIDER.replace("WIDTH", str(width)))
        complaints += [f"in a window of {width} pixels {line}" for line in wider]
    return complaints + tab.errors


# --- the site ---------------------------------------------------------------------------------------------


async def test_pages_fit_their_window(site: Path, url: str, browser: Browser) -> None:
    """No page scrolls sideways, on a telephone or a desk; its scripts and requests meet no error."""
    waiting = [path.relative_to(site).as_posix() for path in MadePage.all_of(site)]
    wrong: list[str] = []

    async def look() -> None:
        async with browser.tab() as tab:
            while waiting:
                page = waiting.pop()
                wrong.extend(f"{page}: {line}" for line in await complaints_of(tab, f"{url}/{page}"))

    async with asyncio.TaskGroup() as tabs:
        for _ in range(TABS):
            tabs.create_task(look())

    assert wrong == []


@pytest.mark.parametrize("words", ["429", "incremental sync"])
async def test_search_finds_pages(words: str, url: str, browser: Browser) -> None:
    """The search of the site lists pages, for a status of HTTP too; the first of them has what was looked for."""
    async with browser.tab() as tab:
        await tab.open(f"{url}/search.html?q={words.replace(' ', '+')}")
        found = await tab.evaluate(FOUND)

        assert found, f"nothing found for {words}"
        await tab.open(found[0])
        text = (await tab.evaluate("document.querySelector('article').innerText")).lower()
        assert [word for word in words.split() if word not in text] == []
        assert tab.errors == []


FOUND = """new Promise(resolve => {
    const look = () => {
        const summary = document.querySelector("#search-results .search-summary");
        if (!summary || !/found|did not match/.test(summary.textContent)) return setTimeout(look, 50);
        resolve([...document.querySelectorAll("#search-results ul.search li a")].map(link => link.href));
    };
    look();
})"""
"""A script that waits until the search is done, and gives where its results are."""


async def test_links_lead_somewhere(site: Path, pages: dict[Path, MadePage]) -> None:
    """Each link of the site to itself leads to a file that is there, and to a place that the page has."""
    assert len(pages) > 50
    assert broken_links(site, pages) == []


async def test_pictures_have_words(pages: dict[Path, MadePage]) -> None:
    """Each picture has a text for those who can't see it."""
    assert {path.name: page.wordless for path, page in pages.items() if page.wordless} == {}


# --- that these tests notice ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<article><table class=wide><td style='min-width: 500px'>a</table></article>", "table"),
        ("<article><pre style='width: 2000px'>a</pre></article>", "1200 pixels"),
        ("<script>console.error('so bad')</script>", "so bad"),
        ("<script>nothing.there</script>", "ReferenceError"),
        ("<img src=gone.png alt=gone>", "404"),
        ("<script src=http://127.0.0.1:9/a.js></script>", "a request failed"),
    ],
)
async def test_what_is_wrong_is_noticed(body: str, said: str, tmp_path: Path, browser: Browser) -> None:
    """A page that is too wide, that logs an error or that lacks a file is complained about; a good one is not."""
    head = "<!doctype html><link rel=icon href=data:,>"
    (tmp_path / "good.html").write_text(f"{head}<article>good</article>")
    (tmp_path / "bad.html").write_text(head + body)
    with Served(tmp_path) as url:
        async with browser.tab() as tab:
            bad = await complaints_of(tab, f"{url}/bad.html")
            good = await complaints_of(tab, f"{url}/good.html")

    assert [line for line in bad if said in line]
    assert good == []


async def test_broken_links_are_noticed(tmp_path: Path) -> None:
    """A link to no page, to no place and a picture without words are noticed; good ones and other sites' are not."""
    (tmp_path / "other.html").write_text('<h1 id="top">Other</h1>')
    links = ("other.html#top", "#here", "https://example.com/a", "gone.html", "other.html#gone", "#gone")
    (tmp_path / "page.html").write_text(
        '<p id="here"><img src="other.html"><svg role="img"></svg><img src="other.html" alt="drawing">'
        + "".join(f'<a href="{link}">link</a>' for link in links)
    )
    pages = MadePage.all_of(tmp_path)

    broken = [f"page.html: {link}" for link in links[3:]]
    assert broken_links(tmp_path, pages) == broken
    assert pages[tmp_path / "page.html"].wordless == ["<img src=other.html>", "<svg role=img>"]
