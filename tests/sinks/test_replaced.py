"""A Parquet file read again as a whole: what is new, changed and removed is counted, in little memory."""

import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from teamup_async.sinks.merging import Counts, replaced, rows_of

Row = dict[str, Any]
SCHEMA = pa.schema([("id", pa.int64()), ("name", pa.string()), ("at", pa.timestamp("us", "UTC"))])
rows = st.dictionaries(st.integers(-3, 30), st.sampled_from(["a", "b", None]), max_size=20)


def written(path: Path, made: Sequence[Row]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(made), SCHEMA), path)
    return path


def counted(path: Path, made: Sequence[Row]) -> Counts:
    counts = Counts()
    batches = pa.Table.from_pylist(list(made), SCHEMA).to_batches(max_chunksize=7)
    read = [row for batch in replaced(rows_of(path), batches, counts) for row in batch.to_pylist()]
    assert read == [{"at": None, **row} for row in made]
    return counts


@settings(max_examples=30)
@given(before=rows, after=rows, data=st.data())
def test_counts(tmp_path_factory: Any, before: dict[int, str], after: dict[int, str], data: Any) -> None:
    """In whatever order rows lie in the file and come: each is new, changed, the same, or removed."""
    lie, come = (
        data.draw(st.permutations([{"id": i, "name": name} for i, name in made.items()]))
        for made in (before, after)
    )
    path = written(tmp_path_factory.mktemp("replaced") / "a.parquet", lie)
    both = before.keys() & after.keys()

    assert counted(path, come) == Counts(
        rows=len(after),
        new=len(after.keys() - before.keys()),
        changed=sum(before[i] != after[i] for i in both),
        removed=len(before.keys() - after.keys()),
    )


def test_a_first_file(tmp_path: Path) -> None:
    """Where no file is yet, all rows are new; where none come, those of the file are removed."""
    path = tmp_path / "a.parquet"
    assert counted(path, [{"id": 1, "name": "a"}]) == Counts(rows=1, new=1)
    assert counted(written(path, [{"id": 1, "name": "a"}]), []) == Counts(removed=1)


def test_another_column(tmp_path: Path) -> None:
    """A column that the file lacks changes the rows that have a value in it, and no others."""
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"name": ["a", "b"], "id": [1, 2]}), path)
    counts = Counts()
    now = pa.table({"id": [1, 2], "name": ["a", "b"], "more": [None, "x"]})
    list(replaced(rows_of(path), now.to_batches(), counts))

    assert counts == Counts(rows=2, changed=1)


def test_memory(tmp_path: Path) -> None:
    """A file may have millions of rows: each costs a few numbers in memory, not objects."""

    def made(count: int) -> Iterator[pa.RecordBatch]:
        for begin in range(0, count, 5000):
            ids = list(range(begin, begin + 5000))
            yield pa.record_batch({"id": ids, "name": [f"name {i}" for i in ids]})

    def peak(count: int) -> int:
        path = tmp_path / f"{count}.parquet"
        pq.write_table(pa.Table.from_batches(list(made(count))), path)
        tracemalloc.start()
        for _ in replaced(rows_of(path), made(count), Counts()):
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(30_000) - peak(10_000) < 20_000 * 64
