"""What is in memory while stages become a file: one row group, however many rows there are."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from teamup_async.sinks.stages import batches, tables

MAPS = Path("/proc/self/maps")
SCHEMA = pa.schema([("id", pa.int64())])
ROWS = 1000


def many(count: int) -> Iterator[pa.RecordBatch]:
    """Batches of a thousand rows, made when they are asked for."""
    for start in range(0, count * ROWS, ROWS):
        yield pa.record_batch([pa.array(range(start, start + ROWS), pa.int64())], schema=SCHEMA)


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """A stage of 20 batches."""
    path = tmp_path / "rows.stage"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, SCHEMA) as writer:
        for batch in many(20):
            writer.write_batch(batch)
    return path


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux tells which files are mapped")
def test_stages_are_not_mapped(stage):
    """Stages are read piece by piece: mapped, all that was read of them would count as memory of the process."""
    read = batches(SCHEMA, [stage])

    first = next(read)

    assert str(stage) not in MAPS.read_text()
    assert [first.num_rows, *(batch.num_rows for batch in read)] == [ROWS] * 20


@pytest.mark.parametrize("count", [100, 130])
def test_one_group_at_a_time(count):
    """While a row group is written, what it was made of is gone: only what belongs to the next one is there."""
    before = pa.total_allocated_bytes()
    made = tables(many(count), 100 * ROWS)

    sizes = []
    for group in made:
        assert pa.total_allocated_bytes() - before < 1.1 * group.nbytes
        sizes.append(group.num_rows)
        del group

    assert sizes == [100 * ROWS, 30 * ROWS][: len(sizes)]
    assert sum(sizes) == count * ROWS
