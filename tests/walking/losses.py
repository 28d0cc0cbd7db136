"""How many rows a plain loop over offsets or pages loses: ``python -m tests.walking.losses``.

The same schedules of insertions and deletions are walked by that loop and by this package. The numbers are the same on
every machine.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from typing import Any

import attrs

from tests.walking.model import Model, naive_walk
from tests.walking.walker import walk

WALKED = [("attendances", "offset"), ("attendances", "page"), ("course_sessions", "page")]
ROWS, SIZE, REQUESTS, CHANGES = 200, 10, 30, 2
SCHEDULES = 40


@attrs.frozen
class Loss:
    """Rows that were there throughout; of these, those lost or repeated by a plain loop and by a walk."""

    rows: int
    plain: int
    ours: int
    repairs: int


def measure(what: str, by: Any, schedules: int = SCHEDULES) -> Loss:
    """Walk some schedules in both ways."""
    rows = plain = ours = repairs = 0
    for seed in range(schedules):
        ids, schedule = _schedule(seed)
        loop, walked = Model(dict(ids), schedule), Model(dict(ids), schedule)
        got = Counter(naive_walk(loop, what, SIZE))
        plain += sum(got[i] != 1 for i in loop.steady)
        outcome = walk(walked, what, by=by, size=SIZE, window=4, seed=seed)
        came = Counter(outcome.ids)
        ours += sum(came[i] != 1 for i in walked.steady)
        rows += len(loop.steady)
        repairs += outcome.integrity.repairs
    return Loss(rows, plain, ours, repairs)


def _schedule(seed: int) -> tuple[dict[int, int], list[list[tuple[str, int]]]]:
    chance = random.Random(seed)

    def number(below: int) -> int:
        return int(chance.random() * below)  # the one method whose sequence never changes

    ids: dict[int, int] = {}
    while len(ids) < ROWS:
        ids[number(500) + 1] = number(11)
    kinds = ("insert", "delete")
    return ids, [[(kinds[number(2)], number(10_000)) for _ in range(CHANGES)] for _ in range(REQUESTS)]


def table() -> str:
    """The table of docs/promises.md."""
    lines = ["| walked | rows there throughout | a plain loop lost or repeated | `teamup_async` | repairs |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    for what, by in WALKED:
        loss = measure(what, by)
        lines.append(
            f'| `{what}`, `by="{by}"` | {loss.rows:,} | {loss.plain:,} ({loss.plain / loss.rows:.1%}) '
            f"| {loss.ours:,} | {loss.repairs:,} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
