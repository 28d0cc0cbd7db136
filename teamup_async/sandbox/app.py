"""From one HTTP request to its answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final

import attrs
from aiohttp import web

from ..dialect import Dialect
from ..endpoint import Endpoint
from . import parameters, render
from .auth import Tokens
from .data.sources import Answer, Source
from .dialects import access, answers
from .dialects.requests import clamp_of, selected, understood
from .fault import Fault
from .hooks import Hooks, run
from .jobs import EVERYTHING, EXPORT, JOBS, RESULTS, Jobs, export_request
from .parameters import Page, Selection
from .problems import ProblemError, invalid
from .quota import Quota
from .record import Received
from .rules import Faults
from .wire import ClientGoneError, Play, Played, Reply, Wire

ROOT: Final = "/api/v2"
REFRESH: Final = "/auth/refresh_access_token"
logger = logging.getLogger("teamup_async.sandbox")


@attrs.define(eq=False)
class Settings:
    """How the sandbox behaves; may be changed while it runs."""

    dialect: Dialect
    latency: float | Callable[[Received], float]


@attrs.define(eq=False)
class App:
    """Answers requests; one for each running sandbox."""

    settings: Settings
    hooks: Hooks
    endpoints: Mapping[str, Endpoint[..., Any]]
    sources: Callable[[int, Endpoint[..., Any]], Source]
    objects: Callable[[int, Endpoint[..., Any], int, Selection], Any]
    tokens: Tokens
    quota: Quota
    faults: Faults
    jobs: Jobs
    clock: Callable[[], float]
    log: deque[Received]
    ended: asyncio.Event = attrs.field(factory=asyncio.Event)
    requests: int = 0
    active: int = 0
    peak: int = 0
    _doomed: set[int] = attrs.field(factory=set[int], init=False)
    _connections: dict[Any, int] = attrs.field(factory=dict[Any, int], init=False)
    _opened: int = attrs.field(default=0, init=False)

    @property
    def connections(self) -> int:
        """Connections on which a request arrived so far."""
        return self._opened

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Handle one request: record, delay, hook, quota, fault, answer."""
        record = await self._record(request)
        self.active += 1
        self.peak = max(self.peak, self.active)
        try:
            return await self._handle(request, record)
        finally:
            self.active -= 1
            record.answered_at = self.clock()

    async def _record(self, request: web.BaseRequest) -> Received:
        number = self._connections.get(request.protocol)
        if number is None:
            self._opened += 1
            living = {p: n for p, n in self._connections.items() if p.transport is not None}
            number = self._opened
            self._connections = {**living, request.protocol: number}
        self.requests += 1
        path = request.path
        record = Received(
            number=self.requests,
            method=request.method,
            path=path.removeprefix(ROOT) if path.startswith(f"{ROOT}/") else path,
            params=list(request.query.items()),
            headers=request.headers,
            at=self.clock(),
            connection=number,
            caller=self.tokens.caller(request.headers, request.remote or ""),
        )
        self.log.append(record)
        if request.can_read_body:
            record.body = await request.read()
        return record

    async def _handle(self, request: web.BaseRequest, record: Received) -> web.StreamResponse:
        if record.connection in self._doomed:
            self._doomed.discard(record.connection)
            record.fault = "dropped"
            await self._wire(request, record).reset()
            return Played(keep_alive=False)
        try:
            await self._hold(record)
        except Exception:
            logger.exception("Before %s %s", record.method, record.path)
            return self._response(record, _FAILED)
        wait = 0.0 if record.path.startswith(RESULTS) else self.quota.admit(self._payer(request, record))
        if wait:
            return self._response(record, self._refusal(wait))
        endpoint = self.endpoints.get(record.path)
        fault = self.faults.due(record, {record.path, endpoint.key if endpoint else record.path})
        if fault is not None:
            record.fault = fault.name
            if fault.play is not None:
                return await self._play(request, record, fault, fault.play)
        return self._response(record, await self._reply(request, record, fault.clamp if fault else None))

    @property
    def _dialect(self) -> Dialect:
        return self.settings.dialect

    def _payer(self, request: web.BaseRequest, record: Received) -> str:
        return access.payer(self._dialect, self.tokens, request.headers, record.caller)

    def _account(self, request: web.BaseRequest, *, report: bool) -> int:
        return access.admitted(self._dialect, self.tokens, request.headers, report=report)

    async def _hold(self, record: Received) -> None:
        """Latency, then the hook: nothing happens between the hook and a quick answer."""
        latency = self.settings.latency
        seconds = latency(record) if callable(latency) else latency
        if seconds > 0:
            await asyncio.sleep(seconds)
        await run(self.hooks.before_request, record)

    async def _play(
        self, request: web.BaseRequest, record: Received, fault: Fault, play: Play
    ) -> web.StreamResponse:
        if fault.drops:
            self._doomed.add(record.connection)
        try:
            await play(self._wire(request, record), lambda: self._reply(request, record, None))
        except ClientGoneError:
            return Played(keep_alive=False)
        return Played(keep_alive=fault.keeps)

    def _wire(self, request: web.BaseRequest, record: Received) -> Wire:
        if request.transport is None:
            raise ConnectionResetError
        return Wire(request.transport, self.ended, lambda status: setattr(record, "status", status))

    def _response(self, record: Received, reply: Reply) -> web.Response:
        record.status = reply.status
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)

    def _refusal(self, wait: float) -> Reply:
        """429. No Retry-After header is documented; a dialect may have one."""
        headers: dict[str, str] = {}
        if self._dialect.retry_after == "seconds":
            headers["Retry-After"] = str(int(wait) + 1)
        elif self._dialect.retry_after == "date":
            headers["Retry-After"] = format_datetime(
                datetime.now(UTC) + timedelta(seconds=int(wait) + 1), usegmt=True
            )
        problem = ProblemError(429, "throttled", "Request was throttled.", headers=headers)
        return answers.refusal(self._dialect, problem)

    async def _reply(self, request: web.BaseRequest, record: Received, clamp: int | None) -> Reply:
        """The true answer."""
        try:
            try:
                reply = await self._answer(request, record, clamp)
            except ProblemError as problem:
                reply = answers.refusal(self._dialect, problem)
            await run(self.hooks.before_reply, record)
        except Exception:
            logger.exception("Answering %s %s", record.method, record.path)
            reply = _FAILED
        compressed = self._dialect.gzip == "on_request"
        if compressed and reply.body and "gzip" in request.headers.get("Accept-Encoding", ""):
            return Reply(
                reply.status,
                gzip.compress(reply.body, 1),
                {**reply.headers, "Content-Encoding": "gzip", "Vary": "Accept-Encoding"},
            )
        return reply

    async def _answer(self, request: web.BaseRequest, record: Received, clamp: int | None) -> Reply:
        path = record.path
        if path.startswith(RESULTS):
            return self.jobs.result_of(path.removeprefix(RESULTS))
        if not request.path.startswith(f"{ROOT}/"):
            raise ProblemError(404, "not_found", "Not found.")
        if path == REFRESH:
            return self._refresh(record)
        if path.startswith(JOBS):
            account = self._account(request, report=False)
            return self.jobs.look(path.removeprefix(JOBS), account, str(request.url.origin()))
        if path.endswith(EXPORT):
            return await self._export(request, record)
        if path in self.endpoints:
            return await self._page(request, record, clamp)
        return await self._object(request, record)

    async def _object(self, request: web.BaseRequest, record: Received) -> Reply:
        """One object of a list, as the list would send it. API documents: "Retrieve"."""
        path, _, key = record.path.rpartition("/")
        endpoint = self.endpoints.get(path)
        if endpoint is None or not endpoint.retrieve or not key.isascii() or not key.isdecimal():
            raise ProblemError(404, "not_found", "Not found.")
        if record.method != "GET":
            raise ProblemError(405, "method_not_allowed", f'Method "{record.method}" not allowed.')
        account = self._account(request, report=False)
        values = parameters.check(endpoint, understood(self._dialect, endpoint, record.params))
        for name in values.keys() - {"expand", "fields", "format"}:
            raise invalid(name, "Unknown parameter.")
        selection = parameters.selection(endpoint, values)
        found = await asyncio.to_thread(self.objects, account, endpoint, int(key), selection)
        if found is None:
            raise ProblemError(404, "not_found", "Not found.")
        alone = answers.named(self._dialect, endpoint, answers.worded(self._dialect, Answer([found], 1, ())))
        return _form(values.get("format"), alone.rows[0])

    async def _page(self, request: web.BaseRequest, record: Received, clamp: int | None) -> Reply:
        endpoint = self.endpoints[record.path]
        if record.method != "GET":
            raise ProblemError(405, "method_not_allowed", f'Method "{record.method}" not allowed.')
        dialect, is_list = self._dialect, endpoint.envelope.name == "list"
        account = self._account(request, report=not is_list)
        values = parameters.check(endpoint, understood(dialect, endpoint, record.params))
        page = parameters.page_of(endpoint, values, clamp_of(dialect, clamp))
        selection = selected(dialect, endpoint, parameters.selection(endpoint, values), record.number)
        source = self.sources(account, endpoint)
        numbered = is_list or not {"page", "page_size"}.isdisjoint(values)
        answer = await self._read(source, selection, page, record, numbered=numbered)
        instead = answers.page_past_end(dialect, endpoint, page, answer.total)
        if instead is not page:
            page = instead
            answer = await self._read(source, selection, page, record, numbered=numbered)
        stated = answers.stated_total(
            dialect, answer.total, lambda: source.read(attrs.evolve(selection, filters=()), Page(0, 0)).total
        )
        if self.hooks.total is not None:
            stated = self.hooks.total(answer.total, record)
        answer = answers.worded(dialect, answer)
        form = values.get("format", _default_format(endpoint))
        if form == "csv":
            body = render.to_csv(answer, answers.csv_names(dialect, endpoint, answer))
            return Reply(200, body, {"Content-Type": "text/csv; charset=utf-8"})
        said = answers.named(dialect, endpoint, answer)
        if is_list:
            url = str(request.url.with_query(None))
            return _form(form, render.listing(said, stated, page, url, record.params))
        return _form(form, render.report(said, stated, selection))

    async def _read(
        self, source: Source, selection: Selection, page: Page, record: Received, *, numbered: bool
    ) -> Answer:
        """The page and its total: of one moment, unless a hook comes between them.

        Then a numbered page ends where the total does, as in Django's paginator; the one of offsets does not.
        """

        async def read(page: Page) -> Answer:
            if source.is_quick(selection):
                return source.read(selection, page)
            return await asyncio.to_thread(source.read, selection, page)

        if self.hooks.between_count_and_rows is None:
            return await read(page)
        counted = await read(Page(0, 0))
        await run(self.hooks.between_count_and_rows, record)
        if numbered:
            page = attrs.evolve(page, limit=max(0, min(page.limit, counted.total - page.offset)))
        return attrs.evolve(await read(page), total=counted.total)

    async def _export(self, request: web.BaseRequest, record: Received) -> Reply:
        """Start a job, with the rows as they are now."""
        endpoint = self.endpoints.get(f"{record.path.removesuffix(EXPORT)}/data")
        if endpoint is None:
            raise ProblemError(404, "not_found", "Not found.")
        if record.method != "POST":
            raise ProblemError(405, "method_not_allowed", f'Method "{record.method}" not allowed.')
        dialect = self._dialect
        account = self._account(request, report=True)
        selection, form = export_request(dialect, endpoint, record.params, record.body, request.content_type)
        selection = selected(dialect, endpoint, selection, record.number)
        found = await asyncio.to_thread(self.sources(account, endpoint).read, selection, EVERYTHING)
        answer = answers.worded(dialect, found)

        def write() -> bytes:
            if form == "csv":
                return render.to_csv(answer, answers.csv_names(dialect, endpoint, answer))
            return render.to_json(answers.named(dialect, endpoint, answer).rows)

        return self.jobs.start(account, form, answer, write, as_text=dialect.job_id == "text")

    def _refresh(self, record: Received) -> Reply:
        if record.method != "POST":
            raise ProblemError(405, "method_not_allowed", f'Method "{record.method}" not allowed.')
        try:
            body = json.loads(record.body)
        except ValueError:
            raise ProblemError(400, "parse_error", "JSON parse error.") from None
        made = self.tokens.refresh(body, replaced=self._dialect.refresh_tokens == "replaced")
        return _form("json", made)


def _default_format(endpoint: Endpoint[..., Any]) -> Any:
    return next((p.default for p in endpoint.parameters if p.name == "format"), None) or "json"


def _form(form: Any, payload: Any) -> Reply:
    if form == "xml":
        return Reply(200, render.to_xml(payload), {"Content-Type": "application/xml; charset=utf-8"})
    return Reply(200, render.to_json(payload), {"Content-Type": "application/json"})


_FAILED: Final = answers.refusal(
    Dialect(), ProblemError(500, "sandbox_error", "The sandbox failed; its log says why.")
)
