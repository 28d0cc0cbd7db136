"""How files are packed: compression, its level, rows of a row group."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from teamup_async import ConfigurationError
from teamup_async.reports.attendances import ATTENDANCES, Attendance
from teamup_async.sinks import Arrow, DuckDB, Parquet, Target
from teamup_async.sinks.schema import schema_for
from tests.sinks.reading import rows_of

SCHEMA = schema_for(ATTENDANCES, ATTENDANCES.query(columns=["id", "status"]))
TARGET = Target(name="attendances")


def written(sink) -> None:
    """Put 2,500 rows into a sink, in two parts."""
    sink.open([TARGET])
    for part in ("first", "second"):
        batch = sink.batch(SCHEMA)
        first = 1 if part == "first" else 1001
        last = 1000 if part == "first" else 2500
        batch.add([Attendance(id=i, status=f"status {i}") for i in range(first, last + 1)])
        sink.append(part, batch, {"parts": {"first": {}, "second": {}}})
    sink.publish(TARGET, SCHEMA, ["first", "second"], {})
    sink.close()


def test_parquet(tmp_path) -> None:
    """Row groups have as many rows as asked for, and their columns the compression; harder means smaller."""
    written(Parquet(tmp_path / "a", row_group=1000, compression="zstd", level=19))
    written(Parquet(tmp_path / "b", compression="none"))

    packed, plain = (pq.ParquetFile(tmp_path / folder / "attendances.parquet") for folder in "ab")
    sizes = [packed.metadata.row_group(group).num_rows for group in range(packed.num_row_groups)]

    assert sizes == [1000, 1000, 500]
    assert packed.metadata.row_group(0).column(0).compression == "ZSTD"
    assert plain.num_row_groups == 1
    assert plain.metadata.row_group(0).column(0).compression == "UNCOMPRESSED"
    assert packed.read() == plain.read()


def test_arrow(tmp_path) -> None:
    """The same for the record batches of an Arrow file."""
    written(Arrow(tmp_path / "a", row_group=1000, compression="zstd", level=9))
    written(Arrow(tmp_path / "b", compression="none"))

    with pa.ipc.open_file(tmp_path / "a" / "attendances.arrow") as packed:
        sizes = [packed.get_batch(index).num_rows for index in range(packed.num_record_batches)]
        table = packed.read_all()
    with pa.ipc.open_file(tmp_path / "b" / "attendances.arrow") as plain:
        assert plain.read_all() == table

    assert sizes == [1000, 1000, 500]
    assert (tmp_path / "a" / "attendances.arrow").stat().st_size < (
        tmp_path / "b" / "attendances.arrow"
    ).stat().st_size


@pytest.mark.parametrize(
    ("sink", "options"),
    [
        (Parquet, {"compression": "zip"}),
        (Parquet, {"compression": "snappy", "level": 3}),
        (Parquet, {"row_group": 0}),
        (Arrow, {"compression": "gzip"}),
        (Arrow, {"row_group": True}),
    ],
)
def test_options_that_are_none(tmp_path, sink, options) -> None:
    """What can't be written is refused when the sink is made, not when everything was read."""
    with pytest.raises(ConfigurationError, match=r"compress|row_group"):
        sink(tmp_path, **options)


def test_a_new_table_is_not_copied(tmp_path) -> None:
    """A first pull into DuckDB keeps the stage as the table: all rows, in order. A second one replaces them."""
    path = tmp_path / "gym.duckdb"
    for _ in range(2):
        written(DuckDB(path))
        assert [row["id"] for row in rows_of("duckdb", tmp_path, "attendances")] == list(range(1, 2501))
