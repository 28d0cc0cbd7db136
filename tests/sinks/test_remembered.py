"""Runs that a place remembers: in a database, in a folder."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from teamup_async.sinks import SinkError
from teamup_async.sinks.base import RememberingSink, Target
from teamup_async.sinks.named import sink_named
from teamup_async.sinks.table import SINKS
from tests.sinks.reading import FILES, FORMATS, path_of, store


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Any]:
    """The sink of that format in a folder, opened as a run does it."""
    sink = sink_named(FORMATS[kind].format(folder))
    sink.open([Target(name="attendances")])
    try:
        yield sink
    finally:
        sink.close()


@pytest.mark.parametrize("kind", FORMATS)
def test_runs_come_back(tmp_path: Path, kind: str) -> None:
    """Each run finds those before it, oldest first, in later runs too; nothing else stays behind."""
    for number in range(3):
        with opened(kind, tmp_path) as sink:
            assert isinstance(sink, RememberingSink)
            earlier = sink.remember({"series": "a", "n": number})
            other = sink.remember({"series": "b", "n": number})
            assert [run["n"] for run in earlier] == [run["n"] for run in other] == list(range(number))
    format_, _, stored = kind.partition("@")
    folder = store().copy(tmp_path) if stored else tmp_path
    expected = [".teamup-runs.json"] if format_ in FILES else [path_of(kind, Path("gym")).name]
    names = {file.name for file in folder.rglob("*") if file.is_file()}
    assert names == (set() if SINKS[format_].schemes else set(expected))


@pytest.mark.parametrize("kind", FILES)
def test_an_unfinished_pull_stays(tmp_path: Path, kind: str) -> None:
    """What is saved of an unfinished run is there after a run was remembered."""
    with opened(kind, tmp_path) as sink:
        sink.save({"version": 2, "targets": {"x": {}}, "parts": {}})
        sink.remember({"series": "a"})
    sink = sink_named(FORMATS[kind].format(tmp_path))
    assert sink.open([])["targets"] == {"x": {}}
    sink.save({})
    sink.close()


def test_a_spoilt_memory(tmp_path: Path) -> None:
    """A file that somebody has spoilt counts as none."""
    (tmp_path / ".teamup-runs.json").write_text("{")
    with opened("csv", tmp_path) as sink:
        assert sink.remember({"series": "a"}) == []
    assert json.loads((tmp_path / ".teamup-runs.json").read_text()) == {"a": [{"series": "a"}]}


def test_no_room(tmp_path: Path) -> None:
    """What can't be written is a `SinkError`, and the memory stays as it was."""
    (tmp_path / ".teamup-runs.json").mkdir()
    with opened("csv", tmp_path) as sink, pytest.raises(SinkError, match="cannot write"):
        sink.remember({"series": "a"})
