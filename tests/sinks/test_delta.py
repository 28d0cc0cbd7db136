"""Delta Lake tables: one commit a run, what others do to a table meanwhile, and types."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from threading import Thread
from typing import Any

import attrs
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from teamup_async.sinks import Merge, SinkBusyError, SinkError, Target, sink_named
from teamup_async.sinks.delta_table import Commit, Table
from teamup_async.sinks.schema import columns_of_rows

TABLE = Target(name="visits")


@attrs.frozen(slots=False)
class Slot:
    begins: time | None = None


@attrs.frozen(slots=False)
class Visit:
    id: int | None = None
    name: str | None = None
    begins: time | None = None
    slots: tuple[Slot, ...] = ()


@attrs.frozen(slots=False)
class Event:
    starts_at: datetime | None = None


@attrs.frozen(slots=False)
class Booking:
    id: int | None = None
    event: Event = Event()


SCHEMA = columns_of_rows(Visit, tuple(field.name for field in attrs.fields(Visit)), frozenset(), ())
FIRST = [Visit(1, "a"), Visit(2, "b")]


def staged(folder: Path, rows: list[Visit], **options: Any) -> Any:
    """An open sink with rows in a stage."""
    sink = sink_named(f"delta:{folder}", **options)
    sink.open([TABLE])
    batch = sink.batch(SCHEMA)
    batch.add(rows)
    if rows:
        sink.append("part", batch, {"parts": {"part": {}}})
    return sink


def merged(folder: Path, rows: list[Visit], merge: Merge) -> Any:
    """A run that merges rows."""
    sink = staged(folder, rows)
    try:
        done = sink.merge(TABLE, SCHEMA, ["part"], merge, {"parts": {}})
        sink.save({})
        return done
    finally:
        sink.close()


def mark_of(folder: Path) -> dict[str, Any] | None:
    """The mark that a sync would find."""
    return sink_named(f"delta:{folder}").mark(TABLE)


def there(folder: Path) -> list[dict[str, Any]]:
    """The rows by id."""
    return sorted(DeltaTable(folder / "visits").to_pyarrow_table().to_pylist(), key=lambda row: row["id"])


def test_one_commit(tmp_path: Path) -> None:
    """Each run is one commit, with its mark. Where no row changed and nothing is known to be further, there is none."""
    merged(tmp_path, FIRST, Merge(mark={"to": 1}, replace=True))
    merged(tmp_path, [Visit(2, "c"), Visit(3, "d")], Merge(mark={"to": 2}))
    table = DeltaTable(tmp_path / "visits")
    assert (table.version(), mark_of(tmp_path)) == (1, {"to": 2})

    merged(tmp_path, [Visit(2, "c")], Merge(mark={"to": 2}))
    assert DeltaTable(tmp_path / "visits").version() == 1
    done = merged(tmp_path, [Visit(2, "c")], Merge(mark={"to": 3}))
    assert (done.new, done.changed, done.removed, done.rows) == (0, 0, 0, 3)
    again = DeltaTable(tmp_path / "visits")
    assert (again.version(), mark_of(tmp_path)) == (2, {"to": 3})
    assert again.file_uris() == table.file_uris()  # with no row written


def test_committed_already(tmp_path: Path) -> None:
    """A run that was killed between its commit and its end does not commit again when it goes on."""
    merged(tmp_path, FIRST, Merge(mark={"to": 1}, replace=True))
    sink = staged(tmp_path, [Visit(2, "c")])
    shutil.copytree(tmp_path / ".teamup", tmp_path / "before", ignore=shutil.ignore_patterns("lock"))
    sink.merge(TABLE, SCHEMA, ["part"], Merge(mark={"to": 2}), {"parts": {}})
    sink.close()
    version = DeltaTable(tmp_path / "visits").version()
    shutil.copytree(tmp_path / "before", tmp_path / ".teamup", dirs_exist_ok=True)

    sink = sink_named(f"delta:{tmp_path}")
    assert sink.open([TABLE]) == {"parts": {"part": {}}}
    done = sink.merge(TABLE, SCHEMA, ["part"], Merge(mark={"to": 2}), {"parts": {}})
    sink.save({})
    sink.close()
    assert DeltaTable(tmp_path / "visits").version() == version
    assert (done.rows, mark_of(tmp_path)) == (2, {"to": 2})


def test_the_same_rows_after_a_change(tmp_path: Path) -> None:
    """The same rows are committed again where somebody has changed the table meanwhile."""
    for _ in range(2):
        sink = staged(tmp_path, FIRST)
        sink.publish(TABLE, SCHEMA, ["part"], {"parts": {}})
        sink.save({})
        sink.close()
        assert [row["id"] for row in there(tmp_path)] == [1, 2]
        DeltaTable(tmp_path / "visits").delete("id = 1")


def test_a_conflict(tmp_path: Path) -> None:
    """A table that another program replaces while a run does leaves the run without a commit, and says what to do."""
    merged(tmp_path, FIRST, Merge(mark={}, replace=True))
    place = str(tmp_path / "visits")
    table = Table(place, read=lambda name: (tmp_path / "visits" / name).read_bytes(), remote=False)
    other = pa.table({"id": [7]})

    def rows() -> Iterator[pa.RecordBatch]:
        yield from pa.table({"id": [8]}).to_batches()
        thread = Thread(
            target=lambda: write_deltalake(place, other, mode="overwrite", schema_mode="overwrite")
        )
        thread.start()
        thread.join()

    properties = {"compression": "zstd", "level": None, "row_group": 1000}
    with pytest.raises(SinkBusyError, match=r"another program has changed .* start again to go on"):
        table.overwrite(other.schema, rows(), Commit(number=1, mark=None), properties)
    assert DeltaTable(place).to_pyarrow_table().to_pylist() == [{"id": 7}]


def test_what_others_do(tmp_path: Path) -> None:
    """A mark counts after others changed, compacted or configured a table, not after they put other rows there."""
    merged(tmp_path, FIRST, Merge(mark={"to": 1}, replace=True))
    merged(tmp_path, [Visit(3, "c")], Merge(mark={"to": 2}))
    table = DeltaTable(tmp_path / "visits")
    table.delete("id = 3")
    table.optimize.compact()
    table.alter.set_table_properties({"delta.logRetentionDuration": "interval 30 days"})
    table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    assert mark_of(tmp_path) == {"to": 2}

    merged(tmp_path, [Visit(3, "d")], Merge(mark={"to": 3}))
    table = DeltaTable(tmp_path / "visits")
    table.restore(table.version() - 1)
    assert mark_of(tmp_path) is None
    merged(tmp_path, FIRST, Merge(mark={"to": 4}, replace=True))
    write_deltalake(tmp_path / "visits", DeltaTable(tmp_path / "visits").to_pyarrow_table(), mode="overwrite")
    assert mark_of(tmp_path) is None


@pytest.mark.parametrize("nested", [True, False])
def test_rows_that_are_gone(tmp_path: Path, nested: bool) -> None:
    """Rows at or after a time that did not come again are removed; those before, and those without a time, stay."""
    schema = columns_of_rows(Booking, ("id", "event.starts_at"), frozenset(), ())
    days = [Booking(n, Event(datetime(2025, 1, n, 12, tzinfo=UTC))) for n in range(1, 5)]

    def run(rows: list[Booking], merge: Merge) -> Any:
        sink: Any = sink_named(f"delta:{tmp_path}", nested=nested)
        sink.open([TABLE])
        batch = sink.batch(schema)
        batch.add(rows)
        sink.append("part", batch, {"parts": {"part": {}}})
        done = sink.merge(TABLE, schema, ["part"], merge, {"parts": {}})
        sink.save({})
        sink.close()
        return done

    run([*days, Booking(9)], Merge(mark={}, replace=True))
    done = run([days[3]], Merge(mark={"a": 1}, since=("event.starts_at", "2025-01-02T12:00:00+00:00")))

    assert [row["id"] for row in there(tmp_path)] == [1, 4, 9]
    assert ("event" in there(tmp_path)[0]) == nested
    assert (done.rows, done.new, done.changed, done.removed) == (3, 0, 0, 2)


def test_types(tmp_path: Path) -> None:
    """Delta has no time of day: it is text, in lists of objects too, from run to run."""
    rows = [Visit(1, begins=time(9, 30), slots=(Slot(time(7)),))]
    merged(tmp_path, rows, Merge(mark={}, replace=True))
    merged(tmp_path, [attrs.evolve(rows[0], id=2)], Merge(mark={"a": 1}))

    assert [(row["begins"], row["slots"]) for row in there(tmp_path)] == [
        ("09:30:00.000000", [{"begins": "07:00:00.000000"}])
    ] * 2


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A file where the table should be is refused, and stays."""
    (tmp_path / "visits").write_text("mine")
    with pytest.raises(SinkError, match="visits: it is a file"):
        sink_named(f"delta:{tmp_path}").open([TABLE])
    assert (tmp_path / "visits").read_text() == "mine"


def test_a_table_that_is_gone(tmp_path: Path) -> None:
    """A table that was removed while a run went on is an error that says what to do."""
    sink = staged(tmp_path, FIRST)
    with pytest.raises(SinkError, match=r"the table is gone; read everything again \(--full\)"):
        sink.merge(TABLE, SCHEMA, ["part"], Merge(mark={}), {"parts": {}})
    sink.close()
