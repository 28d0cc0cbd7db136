"""What a load is measured with: a sink that only counts, and the memory of this process."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from teamup_async.sinks.base import Batch, State, Target
from teamup_async.sinks.schema import Schema


class Counting:
    """A sink that only counts."""

    name = "counting"

    def __init__(self) -> None:
        self.rows = 0

    def open(self, targets: Sequence[Target]) -> State:
        return {}

    def batch(self, schema: Schema) -> Batch:
        return _Counted(schema)

    def append(self, part: str, batch: Batch, state: State) -> None:
        self.rows += len(batch)

    def save(self, state: State) -> None:
        pass

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: State) -> str:
        return self.name

    def close(self) -> None:
        pass


@attrs.define
class _Counted:
    schema: Schema
    count: int = 0

    def add(self, rows: Sequence[Any]) -> None:
        self.count += len(rows)

    def __len__(self) -> int:
        return self.count


def resident() -> float:
    """Megabytes that this process has in memory; 0 where that can't be asked."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * 4096 / 1e6


class Memory:
    """What this process held at each look: allocated objects, and megabytes."""

    def __init__(self) -> None:
        self.blocks: list[int] = []
        self.resident: list[float] = []

    def look(self) -> None:
        gc.collect()
        self.blocks.append(sys.getallocatedblocks())
        self.resident.append(resident())
