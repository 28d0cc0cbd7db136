"""New rows merged into those of a Parquet file, a row group at a time."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .base import SinkError
from .moments import as_moment

__all__ = ["merged"]


def merged(
    place: Path, schema: pa.Schema, staged: pa.Table, since: tuple[str, str] | None, *, nested: bool
) -> Generator[pa.RecordBatch]:
    """The rows of the file at `place` and of `staged`, which win, in the order of ids.

    With `since` (field, ISO time), rows of the file at or after that time which are not staged are left out.
    """
    staged = staged.sort_by("id")
    ids = staged.column("id").combine_chunks()
    taken = 0
    with pq.ParquetFile(place) as file:
        if not file.schema_arrow.equals(schema):
            raise SinkError(f"{place} has other columns than this sync: read everything again with full")
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            last = pc.max(rows.column("id")).as_py()
            keep = pc.invert(pc.is_in(rows.column("id"), value_set=ids))
            if since is not None:
                keep = pc.and_(keep, _before(rows, since, nested=nested))
            upto = bisect(ids, last, taken)
            both = pa.concat_tables([rows.filter(keep), staged.slice(taken, upto - taken)])
            taken = upto
            yield from both.sort_by("id").to_batches()
    yield from staged.slice(taken).to_batches()


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
