"""A lean server for many accounts at once: it answers with numbered rows and counts, on a simulated clock."""

from __future__ import annotations

import asyncio
import random
import re
from array import array
from collections import deque
from collections.abc import Sequence

from tests.http.clock import Simulated

QUERY = re.compile(
    rb"GET /api/v2/(?:reports/attendances/data|providers)\?(\S*) HTTP/1\.1\r\n.*?\r\nAuthorization: Token (\d{6})\r\n",
    re.DOTALL,
)
PROVIDER = b'{"count":1,"next":null,"previous":null,"results":[{"id":%d}]}'
NUMBERS = {
    name: re.compile(rb"(?:^|&)" + name + rb"=(\d+)")
    for name in (b"customers", b"offset", b"limit", b"id_gt")
}
HEADERS = b'"column_headers":[' + b",".join(
    b'{"key":"%s","label":"","sortable":true,"holds_customer_id":false,"required":false}' % key
    for key in (b"id", b"status", b"customer.id", b"customer.name")
) + b"]"  # fmt: skip
ROW = '{"id":%d,"status":"attended","customer":{"id":%d,"name":"Ada Mills"}}'
WINDOW = 60.6
"""Seconds in which a client spends its quota once: a minute and its margin."""
MOST = 5
"""Rows of a page: fewer than asked for, so that a window of the quota brings little to decode."""


def token(account: int) -> str:
    return f"{account:06}"


class Server:
    """Counts for each account, stream and window what arrived, and refuses what is beyond the quota.

    `rows`: of each stream's report. A request takes up to `way` seconds to arrive, and its answer as long.
    """

    def __init__(
        self, clock: Simulated, accounts: int, rows: Sequence[int], *, rate: int, windows: int, way: float
    ) -> None:
        self.clock, self.rate, self.rows = clock, rate, rows
        self.windows, self.begun = windows, clock.now()
        self.served = [[array("L", [0] * windows) for _ in rows] for _ in range(accounts)]
        self.requests = self.refused = 0
        self.busiest = [0] * accounts
        self.connections: set[asyncio.BaseTransport] = set()
        self._times: list[deque[float]] = [deque() for _ in range(accounts)]
        self._chance = random.Random(1)
        self._way = way

    async def start(self) -> str:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), "127.0.0.1", 0, backlog=2048)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/api/v2"

    async def stop(self) -> None:
        self._server.close()
        for connection in list(self.connections):
            connection.close()
        await self._server.wait_closed()

    def way(self) -> float:
        """Seconds, in steps, so that much happens at the same moment."""
        return self._chance.randrange(5) / 4 * self._way

    def answer(self, request: bytes) -> bytes:
        found = QUERY.match(request)
        assert found is not None, request
        values = {name: pattern.search(found[1]) for name, pattern in NUMBERS.items()}
        stream, offset, limit, after = (int(value[1]) if value else 0 for value in values.values())
        account = int(found[2])
        self.requests += 1
        if not self._admitted(account):
            return _http(b"429 Too Many Requests", b'{"code":"throttled","message":"","type":"","errors":[]}')
        if request.startswith(b"GET /api/v2/providers?"):
            return _http(b"200 OK", PROVIDER % (account + 1))
        window = int((self.clock.now() - self.begun) // WINDOW)
        if window < self.windows:
            self.served[account][stream][window] += 1
        total = self.rows[stream] - after
        last = min(offset + min(limit, MOST), total)
        rows = ",".join([ROW % (number, number) for number in range(after + offset + 1, after + last + 1)])
        return _http(b"200 OK", b'{"total":%d,%b,"rows":[%b]}' % (total, HEADERS, rows.encode()))

    def _admitted(self, account: int) -> bool:
        """Whether this is one of at most `rate` requests in the 60 seconds up to now."""
        times, now = self._times[account], self.clock.now()
        while times and now - times[0] >= 60:
            times.popleft()
        times.append(now)
        self.busiest[account] = max(self.busiest[account], len(times))
        self.refused += len(times) > self.rate
        return len(times) <= self.rate


class Connection(asyncio.Protocol):
    """One request after another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._server.connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._held.endswith(b"\r\n\r\n"):
            return
        request, self._held = self._held, b""
        server = self._server
        if not server._way:
            self._transport.write(server.answer(request))
            return
        server.clock.on_the_way -= 1  # what waits here lets time pass
        server.clock.call_later(server.way(), lambda: self._arrived(request))

    def _arrived(self, request: bytes) -> None:
        answer = self._server.answer(request)
        self._server.clock.call_later(self._server.way(), lambda: self._send(answer))

    def _send(self, answer: bytes) -> None:
        self._server.clock.on_the_way += 1
        if not self._transport.is_closing():
            self._transport.write(answer)


def _http(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        status,
        len(body),
        body,
    )
