"""Files in an object store: runs on several machines, what can go wrong there, and secrets."""

import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from teamup_async.errors import ConfigurationError
from teamup_async.sinks import SinkBusyError, SinkError, Target, sink_named
from teamup_async.sinks.locations import Grown, stage_name
from teamup_async.sinks.object_lock import ObjectLock
from teamup_async.sinks.object_log import ObjectLog
from teamup_async.sinks.object_store import ObjectStore
from teamup_async.sinks.schema import columns_of_rows
from tests.s3_server import BUCKET, S3, SECRET, store

TABLE = Target(name="visits")


@attrs.frozen(slots=False)
class Visit:
    id: int | None = None


SCHEMA = columns_of_rows(Visit, ("id",), frozenset(), ())

DYING = """
import os, sys
sys.path.append(sys.argv[2])  # at the end: the installed package is what is tested
from tests.sinks.test_object_store import TABLE, add
from teamup_async.sinks import sink_named
sink = sink_named(sys.argv[1])
sink.open([TABLE])
add(sink, "first", 1)
print("died", flush=True)
os._exit(9)
"""


def add(sink: Any, part: str, *ids: int) -> None:
    """Append rows to the stage of a part, behind what is there."""
    batch = sink.batch(SCHEMA)
    batch.add([Visit(i) for i in ids])
    sink.append(part, batch, {"parts": {"first": {"rows": len(ids)}}})


def killed(place: str) -> None:
    """A run that appends a row, and ends as kill -9 would end it."""
    done = subprocess.run(
        [sys.executable, "-c", DYING, place, str(Path(__file__).parents[2])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("died\n", 9), done.stderr


@pytest.fixture
def s3() -> S3:
    """The object store, which the environment knows."""
    return store()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the sinks that are made from now on those of another machine: with a working folder of its own."""

    def be(name: str) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / name))

    be("here")
    return be


@pytest.fixture
def place(s3: S3, tmp_path: Path) -> str:
    """A folder there."""
    return f"csv:{s3.place(tmp_path)}/"


def test_goes_on_at_once(s3: S3, tmp_path: Path, machine: Any, place: str) -> None:
    """After kill -9 the next run of the same machine goes on at once, and nothing is left behind in the end."""
    killed(place)
    sink = sink_named(place)
    assert sink.open([TABLE]) == {"parts": {"first": {"rows": 1}}}
    add(sink, "first", 2)
    assert s3.keys(BUCKET, str(tmp_path)[1:] + "/visits") == []  # nothing shows before it is whole
    where = sink.publish(TABLE, SCHEMA, ["first"], {"parts": {}})
    sink.save({})
    sink.close()

    assert where == f"{s3.place(tmp_path)}/visits.csv"
    assert s3.objects(BUCKET, str(tmp_path)[1:]) == {f"{str(tmp_path)[1:]}/visits.csv": b"id\n1\n2\n"}
    assert [path for path in (tmp_path / "here").rglob("*") if path.is_file()] == []


def test_goes_on_elsewhere(s3: S3, tmp_path: Path, machine: Any, place: str) -> None:
    """Another machine is refused while the lock may be held; then it goes on with what the first has read."""
    killed(place)
    machine("there")
    with pytest.raises(
        SinkBusyError, match=r"process \d+ on .*--wait.* its lock ends [56]\d seconds from now"
    ):
        sink_named(place).open([TABLE])
    for key in s3.keys(BUCKET, f"{str(tmp_path)[1:]}/.teamup/lock/"):
        s3.delete(BUCKET, key)
    sink = sink_named(place)
    assert sink.open([TABLE]) == {"parts": {"first": {"rows": 1}}}
    add(sink, "first", 2)
    sink.publish(TABLE, SCHEMA, ["first"], {"parts": {}})
    sink.close()

    assert s3.get(BUCKET, f"{str(tmp_path)[1:]}/visits.csv") == b"id\n1\n2\n"


def test_two_machines(s3: S3, tmp_path: Path, machine: Any, place: str) -> None:
    """While a run of one machine works, one of another machine is refused; then it is welcome."""
    first = sink_named(place)
    first.open([TABLE])
    machine("there")
    second = sink_named(place)
    with pytest.raises(SinkBusyError, match=rf"another run is writing to {place}.*process {os.getpid()} on"):
        second.open([TABLE])
    first.close()
    assert second.open([TABLE]) == {}
    second.close()

    assert s3.keys(BUCKET, str(tmp_path)[1:]) == []


def test_a_lease(s3: S3, tmp_path: Path) -> None:
    """A lock that was not renewed in time does not count; who had it is told before the next write."""
    objects = ObjectStore(s3.place(tmp_path))
    over = timedelta(seconds=-1)
    first, second = (ObjectLock(objects, "x/", owner=name, what="it", lease=over) for name in ("a", "b"))
    first.acquire()
    second.acquire()
    assert len(objects.listed("x/lock/")) == 1
    with pytest.raises(SinkError, match=r"the lock there was not renewed.*start again to go on"):
        first.check()
    first.release()
    second.release()

    assert objects.listed("x/lock/") == {}


def test_a_run_that_lost_its_lock(s3: S3, tmp_path: Path) -> None:
    """A run that does not know that another one has taken its place writes nothing over what that has saved."""
    objects = ObjectStore(s3.place(tmp_path))
    first, second = (ObjectLog(objects, "x/", "it") for _ in range(2))
    first.save({"sizes": {}, "parts": {"a": 1}})
    second.load(tmp_path)
    second.save({"sizes": {}, "parts": {"a": 2}})
    with pytest.raises(SinkBusyError, match="has taken this one's place"):
        first.save({"sizes": {}, "parts": {"a": 3}})

    assert ObjectLog(objects, "x/", "it").load(tmp_path)["parts"] == {"a": 2}


@pytest.mark.parametrize("kind", ["csv", "delta"])
def test_nothing_is_written_without_the_lock(s3: S3, tmp_path: Path, machine: Any, kind: str) -> None:
    """A run whose lock has ended, on a machine that slept, say, publishes nothing: another run may have begun."""
    sink: Any = sink_named(f"{kind}:{s3.place(tmp_path)}/")
    sink.open([TABLE])
    add(sink, "first", 1)
    sink.location._lock._renewed = (0.0, 0.0)
    with pytest.raises(SinkError, match=r"the lock there was not renewed for 60 seconds"):
        sink.publish(TABLE, SCHEMA, ["first"], {"parts": {}})
    sink.close()

    assert s3.keys(BUCKET, f"{str(tmp_path)[1:]}/visits") == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="rights are other things there")
def test_stages_are_private(s3: S3, tmp_path: Path, machine: Any, place: str) -> None:
    """Other users of the machine can't read the rows of an unfinished run; a folder of somebody else is not used."""
    sink: Any = sink_named(place)
    sink.open([TABLE])
    assert stat.S_IMODE(sink.location.home.stat().st_mode) == 0o700
    sink.close()

    above = sink.location.home.parent
    os.chown(above, 65534, 65534) if os.geteuid() == 0 else pytest.skip("only root can give a folder away")
    with pytest.raises(SinkError, match=r"belongs to another user"):
        sink_named(place).open([TABLE])


class Ended(BaseException):
    """The process is gone."""


class Objects:
    """A store in memory that ends the process after some calls; of a removal of several, only some may be done."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.kept: dict[str, bytes] = {}

    def _call(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Ended

    def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        self._call()
        if create and key in self.kept:
            raise FileExistsError
        self.kept[key] = data

    def get(self, key: str) -> bytes:
        return self.kept[key]

    def listed(self, prefix: str) -> dict[str, datetime]:
        return {
            key.removeprefix(prefix): datetime.now(UTC)
            for key in reversed(self.kept)
            if key.startswith(prefix)
        }

    def delete(self, keys: Iterator[str]) -> None:
        for key in sorted(keys, reverse=True):
            self._call()
            self.kept.pop(key, None)


def test_ended_at_any_call(tmp_path: Path) -> None:
    """Wherever a run ends, what is found is the state of some save with just its stages, or nothing after the last."""
    stages = [stage_name("a"), stage_name("b")]
    saves: list[tuple[dict[str, Any], Grown | None]] = []
    for number in range(1, 4):
        saves.append(({"sizes": {"a": number}, "n": number}, Grown(stages[0], number - 1, b"a")))
    for number in range(1, 3):
        saves.append(({"sizes": {"a": 3, "b": number}, "n": 3 + number}, Grown(stages[1], number - 1, b"b")))
    saves.append(({"sizes": {"b": 2}, "n": 6, "long": "x" * 3_000_000}, None))
    saves += [
        ({"sizes": {"b": 2}, "n": number, "long": "y" * 3_000_000 + str(number)}, None) for number in (7, 8)
    ]
    saves.append(({}, None))
    for calls in range(60):
        objects: Any = Objects(calls)
        log, done = ObjectLog(objects, "", "it"), 0
        try:
            for state, grown in saves:
                log.save(state, grown)
                done += 1
        except Ended:
            pass
        objects.left = 1000
        home = tmp_path / str(calls)
        home.mkdir()
        found = ObjectLog(objects, "", "it").load(home)
        allowed = [{}, *(state for state, _ in saves)][done : done + 2]
        assert found in allowed
        for part, size in found.get("sizes", {}).items():
            assert (home / stage_name(part)).read_bytes()[:size] == part.encode() * size
        if done == len(saves):
            assert objects.kept == {}
            return
    raise AssertionError("more calls are needed")


def test_one_file(s3: S3, tmp_path: Path, machine: Any) -> None:
    """An address with the ending of a format is one file; it takes one target."""
    sink = sink_named(f"{s3.place(tmp_path)}/all.csv")
    with pytest.raises(ConfigurationError, match=r"all.csv is one file, but the pull has 2 targets"):
        sink.open([TABLE, Target(name="other")])
    sink.open([TABLE])
    add(sink, "first", 1)
    sink.publish(TABLE, SCHEMA, ["first"], {"parts": {}})
    sink.save({})
    sink.close()

    assert s3.objects(BUCKET, str(tmp_path)[1:]) == {f"{str(tmp_path)[1:]}/all.csv": b"id\n1\n"}


async def test_a_report_of_runs(client, sandbox, s3: S3, tmp_path: Path, machine: Any) -> None:
    """A folder there remembers runs, as one of this machine does."""
    sink = sink_named(f"csv:{s3.place(tmp_path)}/")
    sink.open([TABLE])
    assert sink.remember({"series": "a", "rows": 1}) == []
    assert sink.remember({"series": "a", "rows": 2}) == [{"series": "a", "rows": 1}]
    sink.close()

    assert s3.keys(BUCKET, str(tmp_path)[1:]) == [f"{str(tmp_path)[1:]}/.teamup-runs.json"]


def test_secrets(s3: S3, tmp_path: Path, machine: Any, caplog: pytest.LogCaptureFixture, place: str) -> None:
    """Credentials are in no name, error, log or object, wherever they come from."""
    caplog.set_level(logging.DEBUG, logger="teamup_async")
    other = "canary-given-in-python"
    sink = sink_named(place, storage_options={"key": "tests", "secret": other})
    bad = sink_named(f"csv:s3://{BUCKET}-none/x/", storage_options={"key": "tests", "secret": other})
    said = [repr(sink), sink.name, repr(bad)]
    sink.open([TABLE])
    add(sink, "first", 1)
    objects = s3.objects(BUCKET, str(tmp_path)[1:])
    assert any("/.teamup/log/" in key for key in objects)
    sink.close()
    with pytest.raises(SinkError) as caught:
        bad.open([TABLE])
    said += [
        str(caught.value),
        repr(caught.value),
        caplog.text,
        json.dumps([str(data) for data in objects.values()]),
    ]

    for secret in (SECRET, other):
        assert all(secret not in text for text in said)
