"""New rows merged into those of a Parquet file, a row group at a time."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .conform import conformed
from .moments import as_moment

__all__ = ["Counts", "joined", "merged", "replaced"]


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


def merged(
    path: Path,
    schema: pa.Schema,
    staged: pa.Table,
    since: tuple[str, str] | None,
    counts: Counts,
    *,
    nested: bool,
) -> Generator[pa.RecordBatch]:
    """The rows of the file at `path` and of `staged`, which win, in the order of ids.

    With `since` (field, ISO time), rows of the file at or after that time which are not staged are left out.
    """
    staged = staged.sort_by("id")
    ids = staged.column("id").combine_chunks()
    taken = 0
    counts.new = len(ids)
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            rows = conformed(file.read_row_group(group), schema)
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


def replaced(path: Path, rows: Iterable[pa.RecordBatch], counts: Counts) -> Generator[pa.RecordBatch]:
    """`rows`, compared with those of the file at `path` (if there is one) on their way into it.

    A row is known by its id, or where it has none by its values.
    """
    before: dict[Any, int] = {}
    if path.exists():
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                before.update(_known(batch))
    for batch in rows:
        counts.rows += batch.num_rows
        for key, value in _known(batch).items():
            was = before.pop(key, None)
            counts.new += was is None
            counts.changed += was is not None and was != value
        yield batch
    counts.removed = len(before)


def _known(rows: pa.RecordBatch) -> dict[Any, int]:
    """Rows by what they are known by, with a hash of their values."""
    hashes = [(row.get("id"), hash(repr(row))) for row in rows.to_pylist()]
    return {value if key is None else key: value for key, value in hashes}


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
