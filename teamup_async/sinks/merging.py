"""New rows merged into those of a Parquet file, a row group at a time."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .conform import conformed
from .moments import as_moment

__all__ = ["Comparison", "Counts", "groups_of", "joined", "merged", "replaced", "rows_of"]

_READ: Final = 10_000
"""Rows of a file that are compared at once: as many Python values are made of them."""


@attrs.define
class Counts:
    """What became of rows, counted while they are merged."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0


def joined(stages: Sequence[pa.Table]) -> pa.Table:
    """The rows of several stages; of a row that is in several the last counts."""
    rows = pa.concat_tables(stages)
    ids = rows.column("id")
    if pc.count_distinct(ids).as_py() == len(ids):
        return rows
    last = {i: index for index, i in enumerate(ids.to_pylist())}
    return rows.take(pa.array(sorted(last.values()), pa.int64()))


def groups_of(path: Path) -> Generator[pa.Table]:
    """The rows of a Parquet file, a row group at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            yield file.read_row_group(group)


def rows_of(path: Path) -> Generator[pa.RecordBatch]:
    """The rows of a Parquet file, if there is one."""
    if path.exists():
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(batch_size=_READ)


def merged(
    before: Iterable[pa.Table],
    schema: pa.Schema,
    staged: pa.Table,
    since: tuple[str, str] | None,
    counts: Counts,
    *,
    nested: bool,
) -> Generator[pa.RecordBatch]:
    """The rows of `before`, which are in the order of ids, and of `staged`, which win, in that order.

    With `since` (field, ISO time), rows of before at or after that time which are not staged are left out.
    """
    staged = staged.sort_by("id")
    ids = staged.column("id").combine_chunks()
    taken = 0
    counts.new = len(ids)
    for group in before:
        rows = conformed(group, schema)
        last = pc.max(rows.column("id")).as_py()
        replaced = pc.is_in(rows.column("id"), value_set=ids)
        keep = pc.invert(replaced)
        if since is not None:
            keep = pc.and_(keep, _before(rows, since, nested=nested))
        upto = bisect(ids, last, taken)
        kept, old = rows.filter(keep), rows.filter(replaced)
        both = pa.concat_tables([kept, staged.slice(taken, upto - taken)])
        counts.new -= len(old)
        counts.removed += len(rows) - len(kept) - len(old)
        counts.changed += _different(old.sort_by("id"), staged)
        counts.rows += len(both)
        taken = upto
        yield from both.sort_by("id").to_batches()
    counts.rows += len(staged) - taken
    yield from staged.slice(taken).to_batches()


def _different(old: pa.Table, staged: pa.Table) -> int:
    """How many rows of `old` have other values in `staged`; both are in the order of ids."""
    now = staged.filter(pc.is_in(staged.column("id"), value_set=old.column("id").combine_chunks()))
    return sum(a != b for a, b in zip(old.to_pylist(), now.to_pylist(), strict=True))


def replaced(
    there: Iterable[pa.RecordBatch], rows: Iterable[pa.RecordBatch], counts: Counts
) -> Generator[pa.RecordBatch]:
    """`rows`, compared on their way with those that are there, which are read behind them."""
    comparison = Comparison(counts)
    yield from comparison.watched(rows)
    comparison.compare(there)


class Comparison:
    """Compares the rows of a table with those that replace them.

    A row is known by its id, or where it has none by its values.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._now = _Known()
        self._names: list[str] = []

    def watched(self, rows: Iterable[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
        """The new rows, which are taken note of."""
        for batch in rows:
            self._counts.rows += batch.num_rows
            self._names = batch.schema.names
            self._now.add(batch, self._names)
            yield batch

    def compare(self, there: Iterable[pa.RecordBatch]) -> None:
        """Count what has changed since the rows that were there."""
        before = _Known()
        for batch in there:
            before.add(batch, self._names or batch.schema.names)
        self._now.compare(before, self._counts)


class _Known:
    """What tells rows apart, and a hash of their values: 16 bytes each, for there may be millions."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._hashes = array("q")

    def add(self, rows: pa.RecordBatch, names: Sequence[str]) -> None:
        """Take the rows of a batch, with the values of these columns."""
        empty = [None] * rows.num_rows
        there = set(rows.schema.names)
        columns = [_values(rows.column(name)) if name in there else empty for name in names]
        hashes = [hash(repr(values)) for values in zip(*columns, strict=True)]
        ids = rows.column("id").to_pylist() if "id" in there else empty
        self._hashes.extend(hashes)
        self._keys.extend(key if i is None else i for i, key in zip(ids, hashes, strict=True))

    def compare(self, before: _Known, counts: Counts) -> None:
        """Count what is new, changed and removed since `before`."""
        old = before.ordered()
        was = next(old, None)
        for key, value in self.ordered():
            while was is not None and was[0] < key:
                counts.removed += 1
                was = next(old, None)
            if was is None or was[0] != key:
                counts.new += 1
                continue
            counts.changed += was[1] != value
            was = next(old, None)
        counts.removed += (was is not None) + sum(1 for _ in old)

    def ordered(self) -> Iterator[tuple[int, int]]:
        """Each key once, in their order, with its hash; of a key that came again the last."""
        keys: Any = self._keys
        hashes: Any = self._hashes
        if not _ascends(_numbers(keys)):
            order = pc.sort_indices(_numbers(keys))  # which is stable
            keys, hashes = (_numbers(values).take(order) for values in (keys, hashes))
            keys, hashes = (memoryview(values.buffers()[1]).cast("q") for values in (keys, hashes))
        rows = zip(keys, hashes, strict=True)
        held = next(rows, None)
        for row in rows:
            if held is not None and held[0] != row[0]:
                yield held
            held = row
        if held is not None:
            yield held


def _ascends(numbers: pa.Array) -> bool:
    return len(numbers) < 2 or bool(pc.all(pc.less_equal(numbers[:-1], numbers[1:])).as_py())


def _numbers(values: array[int]) -> pa.Array:
    """The values, not copied."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(values)])


def _values(column: pa.Array) -> list[Any]:
    """The values of a column; moments as numbers, which are made faster."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    values: list[Any] = column.to_pylist()
    return values


def bisect(ids: pa.Array, last: int, begin: int) -> int:
    """The index behind the last id that is not greater than `last`."""
    end = len(ids)
    while begin < end:
        middle = (begin + end) // 2
        if ids[middle].as_py() <= last:
            begin = middle + 1
        else:
            end = middle
    return begin


def _before(rows: pa.Table, since: tuple[str, str], *, nested: bool) -> pa.Array:
    """Which rows lie before a time, or have none."""
    path, moment = since[0], datetime.fromisoformat(since[1])
    first, *rest = path.split(".") if nested else [path]
    column = rows.column(first)
    for name in rest:
        column = pc.struct_field(column, name)
    return pa.array([value is None or as_moment(value) < moment for value in column.to_pylist()], pa.bool_())
