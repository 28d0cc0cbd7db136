"""Somebody else has the file: who it is, waiting for it, and leaving it to readers while nothing is written."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import attrs
import pytest

from teamup_async.sinks import SinkBusyError, Target, sink_named
from teamup_async.sinks.schema import columns_of_rows
from teamup_async.sinks.table import SINKS
from tests.sinks.reading import place_of

TABLE = Target(name="visits")

RUN = """
import sys
from teamup_async.sinks import Target, sink_named
sink = sink_named(sys.argv[1])
sink.open([Target(name="visits")])
print("held", flush=True)
sys.stdin.read()
sink.close()
"""
READ = {
    "duckdb": """
import sys, duckdb
db = duckdb.connect(sys.argv[1].partition(":")[2], read_only=True)
print("held", flush=True)
sys.stdin.read()
""",
    "sqlite": """
import sys, sqlite3
db = sqlite3.connect(sys.argv[1].partition(":")[2], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
""",
}
"""Programs that keep a file for themselves until their standard input ends."""


@attrs.frozen(slots=False)
class Visit:
    id: int | None = None


SCHEMA = columns_of_rows(Visit, ("id",), frozenset(), ())


@pytest.fixture
def holding() -> Iterator[Callable[..., Any]]:
    """Starts a program that holds a file, and returns when it does."""
    started: list[Any] = []

    def start(code: str, into: str) -> Any:
        process = subprocess.Popen(
            [sys.executable, "-c", code, into], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.communicate()


def into(kind: str, folder: Path) -> str:
    """A file of the table, or a database."""
    return place_of(kind, folder / "visits")


def add(sink: Any) -> None:
    """Append a row."""
    batch = sink.batch(SCHEMA)
    batch.add([Visit(1)])
    sink.append("part", batch, {"parts": {"part": {}}})


@pytest.mark.parametrize("kind", SINKS)
def test_another_run(tmp_path: Path, holding: Callable[..., Any], kind: str) -> None:
    """Another run is refused at once with the process that has the file; with `wait` it goes on when that has ended."""
    place = into(kind, tmp_path)
    other = holding(RUN, place)
    with pytest.raises(SinkBusyError, match=rf"another run is writing .*process {other.pid}\b.*--wait"):
        sink_named(place).open([TABLE])

    sink = sink_named(place, wait=600)
    with ThreadPoolExecutor(1) as thread:
        opening = thread.submit(sink.open, [TABLE])
        other.communicate()
        assert opening.result() == {}
    sink.close()


@pytest.mark.parametrize("kind", READ)
def test_a_reader(tmp_path: Path, holding: Callable[..., Any], kind: str) -> None:
    """A program that has the file open is named; with `wait` the run begins when it has closed it."""
    place = into(kind, tmp_path)
    sink = sink_named(place)
    sink.open([TABLE])
    sink.close()
    reader = holding(READ[kind], place)
    who = rf"process {reader.pid}\b" if sys.platform == "linux" else "process"
    with pytest.raises(SinkBusyError, match=rf"cannot write .*{who}.* has it open.*--wait"):
        sink_named(place).open([TABLE])

    sink = sink_named(place, wait=600)
    with ThreadPoolExecutor(1) as thread:
        opening = thread.submit(sink.open, [TABLE])
        reader.communicate()
        assert opening.result() == {}
    sink.close()


@pytest.mark.parametrize("kind", READ)
def test_open_to_readers(
    tmp_path: Path, holding: Callable[..., Any], read: Callable[..., Any], kind: str
) -> None:
    """While a run only reads from the API, others may open the file; the run waits for them when it writes."""
    place = into(kind, tmp_path)
    sink = sink_named(place)
    sink.open([TABLE])
    add(sink)
    reader = holding(READ[kind], place)
    with ThreadPoolExecutor(1) as thread:
        adding = thread.submit(add, sink)
        reader.communicate()
        adding.result()
    sink.publish(TABLE, SCHEMA, ["part"], {"parts": {}})
    sink.save({})
    sink.close()

    assert [row["id"] for row in read(kind, Path(place.partition(":")[2]), "visits")] == [1, 1]


@pytest.mark.parametrize("kind", SINKS)
def test_waiting_can_be_ended(tmp_path: Path, holding: Callable[..., Any], kind: str) -> None:
    """Whoever waits can be told to stop, so that Ctrl-C need not wait for the whole time; later it waits again."""
    place = into(kind, tmp_path)
    other = holding(RUN, place)
    sink = sink_named(place, wait=3600)
    with ThreadPoolExecutor(1) as thread:
        opening = thread.submit(sink.open, [TABLE])
        while not opening.done():
            sink.interrupt()
            wait([opening], timeout=0.05)
        with pytest.raises(SinkBusyError):
            opening.result()
        again = thread.submit(sink.open, [TABLE])
        other.communicate()
        again.result()
    sink.close()
