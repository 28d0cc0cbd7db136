"""Start the server, run a contender, take turns, and put figures side by side."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.environments import HERE, ROOT, Environments

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT = 300
"""Seconds after which a contender counts as failed."""

Run = Mapping[str, Any]
"""What a contender printed about one run."""


class ContenderError(Exception):
    """A contender did not finish; the message is the end of what it said."""


@dataclass(frozen=True)
class Server:
    """A running server of pages."""

    url: str
    control: str

    def counts(self, *, reset: bool = True) -> dict[str, Any]:
        """What was asked of it since the last reset."""
        with urllib.request.urlopen(self.control + ("/reset" if reset else ""), timeout=10) as answer:
            counts: dict[str, Any] = json.load(answer)
        return counts


@contextmanager
def serving(**options: Any) -> Iterator[Server]:
    """A server of pages in its own process, with these options of ``benchmarks.server``."""
    arguments: list[str] = []
    for name, value in options.items():
        if value is True:
            arguments.append(f"--{name.replace('_', '-')}")
        elif value not in (None, False):
            arguments += [f"--{name.replace('_', '-')}", str(value)]
    command = [sys.executable, "-m", "benchmarks.server", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        base = f"http://127.0.0.1:{int(process.stdout.readline())}"
        try:
            yield Server(f"{base}/api/v2", f"{base}/control")
        finally:
            # The server ends with its standard input, whatever becomes of us.
            process.stdin.close()
            process.wait(10)


def run(python: Path, program: str, *arguments: str) -> dict[str, Any]:
    """Run ``clients/<program>.py`` in its own process and read the line it prints.

    Raises:
        ContenderError: it ended otherwise than with a line of JSON.
    """
    # Nothing of this process's environment may weigh on a contender, nor a proxy stand before the server.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("PYTHON", "TEAMUP_"))
    }
    kept |= {"PYTHONHASHSEED": "0", "NO_PROXY": "127.0.0.1"}
    command = [str(python), str(HERE / "clients" / f"{program}.py"), *arguments]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT,
            env=kept,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise ContenderError(f"not done after {TIMEOUT} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ContenderError(said[-1] if said else f"exit code {done.returncode}")
    line: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return line


def counting(
    server: Server, rows: int, contender: Callable[[], Run], name: str, requests: dict[str, float]
) -> Callable[[], Run]:
    """The contender; `requests` gets how many requests it makes for 10,000 rows."""

    def counted() -> Run:
        server.counts()
        done = contender()
        requests[name] = server.counts()["requests"] / done.get("walks", 1) / rows * 10_000
        return done

    return counted


def in_turn(
    rounds: int, contenders: Mapping[str, Callable[[], Run]]
) -> tuple[dict[str, list[Run]], dict[str, str]]:
    """Every contender once, then all again, ``rounds`` times: what disturbs the machine disturbs all of them.

    A first turn warms the caches (bytecode, pages) and is thrown away. One that fails is left out from then
    on. Returns the runs by name, and the reasons of those that failed.
    """
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    failed: dict[str, str] = {}
    for turn in range(rounds + 1):
        for name, contender in contenders.items():
            if name in failed:
                continue
            try:
                result = contender()
            except ContenderError as failure:
                failed[name] = str(failure)
                runs.pop(name)
            else:
                if turn:
                    runs[name].append(result)
    return runs, failed


def same_rows(runs: Mapping[str, Sequence[Run]], rows: int, checksum: str) -> None:
    """Check that every run saw these rows.

    Raises:
        ContenderError: one did not.
    """
    for name, each in runs.items():
        for one in each:
            if (one["rows"], one["checksum"]) != (rows, checksum):
                seen = f"{one['rows']} rows ({one['checksum']})"
                raise ContenderError(f"{name} saw {seen}, not {rows} ({checksum})")


@dataclass(frozen=True)
class Claim:
    """A ratio that is to be at most, or at least, so much."""

    item: int
    """The group it belongs to."""
    what: str
    sense: Literal["at most", "at least"]
    bar: float
    gate: float
    """The looser bar of ``--quick``, which noise does not cross."""

    def measured(self, over: Sequence[float], under: Sequence[float], detail: str = "") -> Line:
        """The ratio of the medians, with the quartiles of the ratios of each round as its spread."""
        ratios = sorted(a / b for a, b in zip(over, under, strict=True))
        low, high = ratios[0], ratios[-1]
        if len(ratios) > 2:
            low, _, high = statistics.quantiles(ratios, n=4)
        return Line(self, statistics.median(over) / statistics.median(under), low, high, detail)


def at_most(item: int, what: str, bar: float, *, gate: float | None = None) -> Claim:
    return Claim(item, what, "at most", bar, bar * 1.35 if gate is None else gate)


def at_least(item: int, what: str, bar: float, *, gate: float | None = None) -> Claim:
    return Claim(item, what, "at least", bar, bar / 1.35 if gate is None else gate)


@dataclass(frozen=True)
class Line:
    """A claim and what was measured."""

    claim: Claim
    ratio: float
    low: float
    high: float
    detail: str = ""

    def holds(self, *, quick: bool = False) -> bool:
        bar = self.claim.gate if quick else self.claim.bar
        return self.ratio <= bar if self.claim.sense == "at most" else self.ratio >= bar

    def as_dict(self) -> dict[str, Any]:
        return {
            **{name: value for name, value in asdict(self.claim).items() if name != "gate"},
            "ratio": self.ratio,
            "low": self.low,
            "high": self.high,
            "met": self.holds(),
            "detail": self.detail,
        }


def column(runs: Iterable[Run], name: str) -> list[float]:
    """One figure of every run."""
    return [float(run[name]) for run in runs]


@dataclass
class Bench:
    """What the items share, and what they found."""

    environments: Environments
    ours: Path
    quick: bool
    rounds: int
    lines: list[Line] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    """Medians and other figures by item, for the JSON file and the chart."""
    skipped: dict[str, str] = field(default_factory=dict)

    def add(self, *lines: Line) -> None:
        for line in lines:
            self.lines.append(line)
            claim = line.claim
            self.environments.say(f"  {claim.what}: {line.ratio:.3f} ({claim.sense} {claim.bar:g})")
