"""What every contender uses to measure itself: one walk, one line of JSON. Standard library only.

A contender is a program called with the server's base URL (and options of its own). It prints one line:
rows, a checksum of their ids in order, CPU seconds (user and system) and wall seconds of the walk alone, CPU
seconds of the whole process, and the peak resident set.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 100
CONNECTIONS = 8
TOKEN = "benchmark-token"
REPORT = "/reports/attendances/data"


def cpu_seconds() -> float:
    """User and system seconds of this process so far, all threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_rss_mib() -> float:
    """The most memory this process ever held, in MiB."""
    try:
        with Path("/proc/self/status").open(encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    # Elsewhere than on Linux; may count what the parent held when it forked.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 1024


def digest(ids: Iterable[int]) -> str:
    """A short fingerprint of ids in their order."""
    return hashlib.blake2b(b",".join(b"%d" % one for one in ids), digest_size=8).hexdigest()


class Meter:
    """Measures the block given to :meth:`walk` and prints the result."""

    def __init__(self) -> None:
        # Some frameworks write what they read to standard output, or log there: only our line may reach it.
        sys.stdout.flush()
        self._out: IO[str] = os.fdopen(os.dup(1), "w")
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.close(null)
        self.cpu = self.wall = 0.0

    @contextmanager
    def walk(self) -> Iterator[None]:
        cpu, wall = cpu_seconds(), time.perf_counter()
        yield
        self.cpu, self.wall = cpu_seconds() - cpu, time.perf_counter() - wall

    @staticmethod
    def rss() -> float:
        """The peak so far, in MiB."""
        return peak_rss_mib()

    def finish(self, ids: Iterable[int], **more: Any) -> None:
        """Print the line; called outside the walk, so that the check costs nobody anything."""
        rss, process = peak_rss_mib(), cpu_seconds()
        listed = list(ids)
        line = {
            "rows": len(listed),
            "checksum": digest(listed),
            "cpu": self.cpu,
            "wall": self.wall,
            "cpu_process": process,
            "rss": rss,
            **more,
        }
        print(json.dumps(line), file=self._out, flush=True)


@contextmanager
def into_file(*, jsonl: bool) -> Iterator[None]:
    """With `jsonl`, what is written to standard output goes into a file: taps and connectors print their messages."""
    if not jsonl:
        yield
        return
    sys.stdout.flush()
    before = os.dup(1)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        try:
            yield
        finally:
            sys.stdout.flush()
            os.dup2(before, 1)
            os.close(before)


def jsonl(parser: argparse.ArgumentParser) -> None:
    """The option of contenders that print messages."""
    parser.add_argument("--jsonl", action="store_true", help="print messages into a file")


def arguments(add: Any = None) -> argparse.Namespace:
    """The command line of a contender: the server's base URL, and what ``add(parser)`` adds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url", help="base URL, ending in /api/v2")
    if add is not None:
        add(parser)
    return parser.parse_args()
