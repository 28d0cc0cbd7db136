"""A fast server of pre-rendered attendance pages: ``python -m benchmarks.server --rows 50000``.

It is no model of TeamUp (the sandbox is): it answers one report as quickly as a socket allows, so that what
is measured is the client. Written on ``asyncio.Protocol``; listens on 127.0.0.1 only; ends when its standard
input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import random
import re
import selectors
import sys
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qs

from benchmarks.rows import STOCK, Report, index_after

PATH = "/api/v2/reports/attendances/data"
CACHED_BYTES = 256 * 2**20
MAX_PAGE = 100

_ACCEPTS_GZIP = re.compile(rb"\r\naccept-encoding:[^\r]*gzip", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:\s*close", re.IGNORECASE)
_THROTTLED = json.dumps(
    {
        "type": "invalid_request_error",
        "code": "throttled",
        "message": "Request was throttled.",
        "field_errors": {},
    }
).encode()


def _response(status: str, body: bytes, extra: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n".encode()
    return head + extra + b"\r\n" + body


class Pages:
    """Responses by request target; the most recently used ones are kept whole."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._reports: dict[tuple[str, ...], Report] = {}
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._size = 0
        self.slice = lru_cache(maxsize=65_536)(self._slice)

    def _slice(self, query: bytes) -> tuple[tuple[str, ...], int, int, int]:
        values = parse_qs(query.decode("ascii"))

        def number(name: str, default: int) -> int:
            return int(values[name][-1]) if name in values else default

        columns = tuple(name for text in values.get("columns", []) for name in text.split(","))
        # A filter must leave fewer rows, so that several streams of different lengths can be walked at once.
        total = self.rows // number("offering_types", 1)
        size = min(number("limit", number("page_size", 50)), MAX_PAGE)
        start = number("offset", 0)
        if "page" in values:
            start = (number("page", 1) - 1) * size
        if "id_gt" in values:
            start += index_after(number("id_gt", 0))
        if values.get("sort", [""])[0].startswith("-"):
            # Whoever asks for the latest row gets one: times begin anew with each stock of rows.
            start = max(0, total // STOCK * STOCK - size)
        return columns, start, start + size, total

    def response(self, query: bytes, *, compressed: bool) -> bytes:
        """The whole response, head and body, for this query string."""
        key = (*self.slice(query), compressed)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        columns, start, stop, total = self.slice(query)
        report = self._reports.get(columns)
        if report is None:
            report = self._reports[columns] = Report(columns)
        body = report.body(start, stop, total)
        if compressed:
            rendered = _response("200 OK", gzip.compress(body, 6), b"Content-Encoding: gzip\r\n")
        else:
            rendered = _response("200 OK", body)
        self._kept[key] = rendered
        self._size += len(rendered)
        while self._size > CACHED_BYTES:
            self._size -= len(self._kept.popitem(last=False)[1])
        return rendered


class Latency:
    """Seconds each request waits before its answer leaves: drawn per page, the same for every client."""

    def __init__(self, kind: str, mean: float, seed: int) -> None:
        self._seed = seed
        self._mean = mean
        self._draw: Callable[[bytes, int], float] = (
            self._lognormal if kind == "lognormal" else lambda _key, _nth: mean
        )

    def _lognormal(self, key: bytes, nth: int) -> float:
        sigma = 0.5
        # exp(mu + sigma^2/2) is the mean of the distribution.
        return self._mean * random.Random(f"{self._seed}:{key!r}:{nth}").lognormvariate(
            -sigma * sigma / 2, sigma
        )

    def __call__(self, key: bytes, nth: int) -> float:
        return self._draw(key, nth)


class Window:
    """A sliding-window throttle, exact: at most ``limit`` answered requests in any ``seconds``."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.seconds = limit, seconds
        self._log: deque[float] = deque()

    def admits(self, now: float) -> bool:
        while self._log and self._log[0] <= now - self.seconds:
            self._log.popleft()
        if len(self._log) >= self.limit:
            return False
        self._log.append(now)
        return True


class Desk:
    """What all connections share: the pages, the latency, the throttle and the counts."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.pages = Pages(options.rows)
        self.latency = (
            Latency(options.latency, options.latency_seconds, options.seed) if options.latency else None
        )
        self.window = Window(options.limit, options.limit_seconds) if options.limit else None
        self.gzip: bool = options.gzip
        self.reset()

    def reset(self) -> None:
        self.requests = 0
        self.statuses: Counter[int] = Counter()
        self.body_bytes = 0
        self.waited = 0.0
        self.connections = 0
        self.busy = 0
        self.most_busy = 0
        self.arrivals: list[float] = []

    def report(self) -> bytes:
        """The counts since the last reset, as JSON."""
        return json.dumps(
            {
                "requests": self.requests,
                "statuses": self.statuses,
                "bytes": self.body_bytes,
                "latency_total": self.waited,
                "connections": self.connections,
                "most_at_once": self.most_busy,
                "arrivals": self.arrivals[:5000],
            }
        ).encode()


class Connection(asyncio.Protocol):
    """One kept-alive connection: requests are answered one after the other."""

    def __init__(self, desk: Desk, loop: asyncio.AbstractEventLoop) -> None:
        self._desk, self._loop = desk, loop
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._desk.connections += 1

    def connection_lost(self, _error: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._waiting:
            self._serve()

    def _serve(self) -> None:
        while not self._waiting and (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        desk = self._desk
        target = head[: head.index(b"\r\n")].split(b" ", 2)[1]
        path, _, query = target.partition(b"?")
        closing = _CLOSES.search(head) is not None
        if path.startswith(b"/control"):
            body = desk.report()
            if path == b"/control/reset":
                desk.reset()
            self._send(_response("200 OK", body), closing=closing)
            return
        now = time.monotonic()
        desk.requests += 1
        desk.arrivals.append(now)
        if path.decode("ascii") != PATH:
            desk.statuses[404] += 1
            self._send(_response("404 Not Found", b"{}"), closing=closing)
            return
        if desk.window is not None and not desk.window.admits(now):
            desk.statuses[429] += 1
            self._send(_response("429 Too Many Requests", _THROTTLED), closing=closing)
            return
        desk.statuses[200] += 1
        response = desk.pages.response(query, compressed=desk.gzip and _ACCEPTS_GZIP.search(head) is not None)
        desk.body_bytes += len(response)
        if desk.latency is None:
            self._send(response, closing=closing)
            return
        seconds = desk.latency(query, 0)
        desk.waited += seconds
        desk.busy += 1
        desk.most_busy = max(desk.most_busy, desk.busy)
        self._waiting = True
        self._loop.call_later(seconds, self._release, response, closing)

    def _release(self, response: bytes, closing: bool) -> None:
        self._waiting = False
        self._desk.busy -= 1
        self._send(response, closing=closing)
        self._serve()

    def _send(self, response: bytes, *, closing: bool) -> None:
        if self._transport is None:
            return
        self._transport.write(response)
        if closing:
            self._transport.close()


async def serve(options: argparse.Namespace) -> None:
    """Serve until standard input closes; the first line printed is the port."""
    loop = asyncio.get_running_loop()
    desk = Desk(options)
    server = await loop.create_server(lambda: Connection(desk, loop), "127.0.0.1", options.port, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.server", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--latency", choices=["fixed", "lognormal"], help="hold every answer back")
    parser.add_argument("--latency-seconds", type=float, default=0.05, help="the fixed latency, or the mean")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--limit", type=int, default=0, help="answer 429 beyond this many requests in a window"
    )
    parser.add_argument("--limit-seconds", type=float, default=60.0)
    parser.add_argument("--gzip", action="store_true", help="compress for clients that accept it")
    return parser.parse_args()


def _loop() -> asyncio.AbstractEventLoop:
    # epoll waits in whole milliseconds, which would be added to every latency; select does not.
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(serve(options()))
