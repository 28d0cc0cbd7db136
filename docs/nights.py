"""A night on paper: many accounts on many workers, with a simulated clock and server.

    python docs/nights.py                        # 10,000 accounts on 20 workers: the table of docs/engines.md
    python docs/nights.py --accounts 500 --workers 4

Shards are cut by the package itself, and the quota is held by the sandbox's: what it refuses would be a 429. Everything
else is assumed, and can be changed by options: the sizes of accounts, the time of an answer, the rows a core decodes.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
import sys
from collections import deque
from collections.abc import Iterator, Sequence

import attrs

from teamup_async._http.throttle import MARGIN
from teamup_async.bulk import Account, Shard, shards
from teamup_async.sandbox.quota import Quota

RATE, WINDOW, PAGE, AWAY = 250, 60.0, 100, 30.0


@attrs.frozen(kw_only=True)
class World:
    """What is assumed. `answer`: seconds until an answer. `core`: rows that a core decodes in a second.

    `cap`: requests in flight of one task. `kept`: whether a task that is repeated goes on with what was read.
    """

    workers: int
    answer: float = 0.2
    core: float = 60_000.0
    cap: int = 128
    kept: bool = True


@attrs.define
class Night:
    """What came of it. `busy` seconds of each worker; accounts that the quota bounds `took` seconds where it asks for
    `least`.
    """

    seconds: float = 0.0
    requests: int = 0
    refused: int = 0
    least: float = 0.0
    took: float = 0.0
    repeated: int = 0
    busy: list[float] = attrs.field(factory=list[float])

    @property
    def spread(self) -> float:
        """How long the busiest worker worked, as against all on average."""
        return max(self.busy) * len(self.busy) / sum(self.busy)


@attrs.define
class Walk:
    """One account while it is read: requests needed and left, and when those of the last window were sent.

    `first` is when the first was sent, `last` when the first of the last window was.
    """

    needed: int
    left: int = attrs.field(default=attrs.Factory(lambda self: self.needed, takes_self=True))
    sent: deque[float] = attrs.field(factory=deque[float])
    first: float = 0.0
    last: float = 0.0

    @property
    def windows(self) -> int:
        """How often the quota makes it wait."""
        return (self.needed - 1) // RATE

    def send(self, at: float) -> None:
        """Count a request."""
        done = self.needed - self.left
        if done == 0:
            self.first = at
        if done == self.windows * RATE:
            self.last = at
        self.sent.append(at)
        self.left -= 1


def sizes_of(accounts: int, spread: float, *, seed: int = 1) -> dict[str, int]:
    """Rows of accounts, 30,000 on average; the largest has `spread` times as many as the smallest."""
    chance = random.Random(seed)
    drawn = [spread ** chance.random() for _ in range(accounts)]
    return {f"studio-{i:05}": max(1, round(30_000 * accounts * x / sum(drawn))) for i, x in enumerate(drawn)}


@attrs.define
class Room:
    """What all tasks share: accounts, the server's quota, and the account of the night."""

    world: World
    walks: dict[str, Walk]
    night: Night
    now: float = 0.0
    quota: Quota = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.quota = Quota(RATE, WINDOW, lambda: self.now)


def task(room: Room, shard: Shard, begin: float) -> Iterator[float]:
    """Read what is left of a shard from `begin` on; yields the time after each page: it can be cut off there."""
    world, walks, night = room.world, room.walks, room.night
    ready = [(begin, name) for name in shard.accounts if walks[name].left]
    slots = [begin] * world.cap
    core = begin
    heapq.heapify(ready)
    while ready:
        at, name = heapq.heappop(ready)
        walk = walks[name]
        while walk.sent and walk.sent[0] <= at - WINDOW * (1 + MARGIN):
            walk.sent.popleft()
        free = walk.sent[0] + WINDOW * (1 + MARGIN) if len(walk.sent) >= RATE else at
        start = max(free, slots[0])
        if start > at:
            heapq.heappush(ready, (start, name))
            continue
        heapq.heapreplace(slots, at + world.answer)
        room.now = at
        night.refused += room.quota.admit(name) > 0
        night.requests += 1
        walk.send(at)
        core = max(core, at + world.answer) + PAGE / world.core
        if walk.left:
            heapq.heappush(ready, (at + world.answer + PAGE / world.core, name))
        yield core


def simulate(
    cut: Sequence[Shard], sizes: dict[str, int], world: World, *, lost_at: float = math.inf
) -> Night:
    """A night; at `lost_at` seconds the first worker is gone, and comes back after half a minute without anything."""
    night = Night(busy=[0.0] * world.workers)
    walks = {name: Walk(math.ceil(rows / PAGE)) for name, rows in sizes.items()}
    room = Room(world, walks, night)
    free = [(0.0, worker) for worker in range(world.workers)]
    for shard in cut:
        begin, worker = heapq.heappop(free)
        end = begin
        for end in task(room, shard, begin):
            if end > lost_at:
                break
        if end > lost_at:
            lost_at, again = math.inf, end + AWAY
            for name in () if world.kept else shard.accounts:
                night.repeated += walks[name].needed - walks[name].left
                walks[name].left = walks[name].needed
            *_, end = task(room, shard, again)
        night.busy[worker] += end - begin
        night.seconds = max(night.seconds, end)
        heapq.heappush(free, (end, worker))
    for walk in walks.values():
        night.least += walk.windows * WINDOW
        night.took += walk.last - walk.first if walk.windows else 0.0
    return night


def nights(accounts: int, workers: int, **assumed: float) -> Iterator[tuple[str, Night]]:
    """The lines of the table, by name."""
    world = World(workers=workers, **assumed)
    people = [Account(name=name, token=f"token-{name}") for name in sizes_of(accounts, 1)]
    alike, apart = sizes_of(accounts, 1), sizes_of(accounts, 1000)
    request = {"attendances": {}}
    one = shards(request, people, workers, sizes=apart)
    whole = simulate(one, apart, world)
    yield "all alike", simulate(shards(request, people, workers, sizes=alike), alike, world)
    yield "1,000 times apart, sizes not known", simulate(shards(request, people, workers), apart, world)
    yield "the same, sizes known", whole
    half = whole.seconds / 2
    yield (
        "the same, and a worker is lost halfway; its shard goes on",
        simulate(one, apart, world, lost_at=half),
    )
    anew = attrs.evolve(world, kept=False)
    yield "the same, and its shard begins anew", simulate(one, apart, anew, lost_at=half)
    three = shards(request, people, 3 * workers, sizes=apart)
    yield "three shards for each worker, one after the other", simulate(three, apart, world)


def table(accounts: int, workers: int, **assumed: float) -> str:
    """The table, as Markdown."""
    lines = [
        "| accounts | night | busiest worker, average is 1 | quota used where it bounds | read twice | 429 |",
        "|---|---|---|---|---|---|",
    ]
    for name, night in nights(accounts, workers, **assumed):
        used = f"{100 * night.least / night.took:.0f} %" if night.took else "-"
        lines.append(
            f"| {name} | {night.seconds / 60:.1f} min | {night.spread:.2f} | {used} | {night.repeated:,} pages | "
            f"{night.refused} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=20)
    parser.add_argument("--answer", type=float, default=0.2, help="seconds until an answer")
    parser.add_argument("--core", type=float, default=60_000.0, help="rows that a core decodes in a second")
    parser.add_argument("--cap", type=int, default=128, help="requests in flight of one task")
    sys.stdout.write(table(**vars(parser.parse_args())) + "\n")


if __name__ == "__main__":
    main()
