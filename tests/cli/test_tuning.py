"""The command line looks for garbage less often while it pulls; the library leaves that to its users."""

import gc

import pytest

from teamup_async import TeamUp
from teamup_async.cli import main
from teamup_async.cli.tuning import tuned
from teamup_async.sandbox import Sandbox
from teamup_async.sinks import Jsonl


def state() -> tuple[bool, tuple[int, int, int], bool]:
    """What is set, and whether anything is out of sight."""
    return gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 0


def test_a_pull_on_the_command_line(tmp_path, monkeypatch) -> None:
    """While a pull runs, what was imported is out of sight and thresholds are higher; afterwards all is as before."""
    seen: list[tuple[bool, tuple[int, int, int], bool]] = []
    before = state()
    with Sandbox.in_thread(rows=20, rate=None) as sandbox:
        sandbox.before_request = lambda _: seen.append(state())
        monkeypatch.setenv("TEAMUP_TOKEN", sandbox.token)
        code = main(
            ["pull", "attendances", "-o", str(tmp_path / "a.jsonl"), "--base-url", sandbox.url, "--quiet"]
        )

    assert code == 0
    assert seen
    assert all(frozen and thresholds[0] >= 10_000 for _, thresholds, frozen in seen)
    assert state() == before


async def test_a_pull_of_the_library(tmp_path) -> None:
    """A pull in a program of somebody's changes nothing that is the program's."""
    seen: list[tuple[bool, tuple[int, int, int], bool]] = []
    async with Sandbox(rows=20, rate=None) as sandbox:
        before = state()
        sandbox.before_request = lambda _: seen.append(state())
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
            await teamup.pull({"attendances": {}}, into=Jsonl(tmp_path / "a.jsonl"))

    assert set(seen) == {before}


@pytest.mark.parametrize("thresholds", [(0, 10, 10), (20_000, 10, 10)])
def test_what_is_tuned_already(thresholds) -> None:
    """Who has turned the collector off, or gave it higher thresholds, keeps them."""
    before = gc.get_threshold()
    gc.set_threshold(*thresholds)
    try:
        with tuned():
            assert gc.get_threshold() == thresholds
    finally:
        gc.set_threshold(*before)
