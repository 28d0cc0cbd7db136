"""What changes, as a stream of a real Spark, merged by id."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from teamup_async.sandbox import Sandbox
from tests.engines.conftest import Studios, accounts_file


class Merged:
    """A table by account and id, fed by batches of a stream."""

    def __init__(self, spark: Any, studios: Studios, folder: Path, report: str = "attendances") -> None:
        self.rows: dict[tuple[str, int], str] = {}
        self.read = 0
        self._spark, self._folder = spark, folder
        self._options = {"accounts": studios.file, "rate": "none"}
        self._report = report

    def take(self) -> int:
        """Run the stream until nothing is new; how many rows it read."""
        before = self.read

        def merge(batch: Any, _: int) -> None:
            for row in batch.select("account", "id", "status").collect():
                self.read += 1
                self.rows[row.account, row.id] = row.status

        stream = self._spark.readStream.format("teamup").options(**self._options).load(self._report)
        query = (
            stream.writeStream.foreachBatch(merge)
            .option("checkpointLocation", str(self._folder / "checkpoint"))
            .trigger(availableNow=True)
            .start()
        )
        query.awaitTermination()
        return self.read - before


def test_changes(spark: Any, tmp_path: Path) -> None:
    """The first batch reads everything; later ones, also after a restart, what changed and the bookings whose classes
    began; merged by id, the table is that of TeamUp.
    """
    with Sandbox.in_thread(rows=800, seed=5, rate=None) as sandbox:
        merged = Merged(spark, accounts_file(sandbox, tmp_path), tmp_path)
        first = merged.take()
        assert (
            first
            == len(merged.rows)
            == len(sandbox.ids("attendances")) + len(sandbox.ids("attendances", account=1))
        )

        [changed] = sandbox.ids("attendances")[10:11]
        sandbox.advance(timedelta(days=2))
        sandbox.update("attendances", [changed], status="no_show")
        again = merged.take()
        everything = {("north", i) for i in sandbox.ids("attendances")}
        everything |= {("south", i) for i in sandbox.ids("attendances", account=1)}
        assert set(merged.rows) == everything
        assert len(everything) > first
        assert merged.rows["north", changed] == "no_show"
        assert 0 < again < first // 4

        requests = sandbox.requests
        assert merged.take() == 0
        assert sandbox.requests - requests <= 12


def test_what_says_no_change(spark: Any, tmp_path: Path) -> None:
    """A report that does not say what changed is refused, with what to do instead."""
    with (
        Sandbox.in_thread(rows=50, seed=5, rate=None) as sandbox,
        pytest.raises(Exception, match=r"read it whole with spark\.read"),
    ):
        Merged(spark, accounts_file(sandbox, tmp_path), tmp_path, "gift_cards").take()
