"""Spans and metrics for OpenTelemetry. Only its API is used: what is collected, and where it goes, its SDK decides.

Names follow its semantic conventions for HTTP clients; what they do not name begins with ``teamup.``.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from opentelemetry import context, metrics, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from .._version import __version__
from .hooks import Asked, Tell
from .naming import METRICS, route, shown

if TYPE_CHECKING:
    from opentelemetry.metrics import Histogram, MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = ["OpenTelemetry"]

_SCOPE: Final = "teamup_async"
_SCHEMA: Final = "https://opentelemetry.io/schemas/1.23.1"
_BOUNDARIES: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
_WAITS: Final = (0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120)


class OpenTelemetry:
    """Tells OpenTelemetry what a client does; for ``TeamUp(telemetry=...)``.

    * `tracer_provider`: where spans go; by default the provider that the process has set, or will set.
    * `meter_provider`: where metrics go; likewise.
    """

    def __init__(
        self, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider, _SCHEMA)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider, _SCHEMA)
        add: dict[str, Any] = {}
        for number, (name, unit, what) in METRICS.items():
            if number == "waited":
                add[number] = meter.create_histogram(
                    name, unit, what, explicit_bucket_boundaries_advisory=_WAITS
                ).record
            elif number == "in_flight":
                add[number] = meter.create_up_down_counter(name, unit, what).add
            else:
                add[number] = meter.create_counter(name, unit, what).add
        self._add = add
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )

    def __repr__(self) -> str:
        return "OpenTelemetry()"

    def tell(self, account: str, endpoint: str) -> Tell:
        """Who is told the numbers of an endpoint of an account."""
        add, attributes = self._add, _whose(account, endpoint)

        def told(number: str, amount: float) -> None:
            add[number](amount, attributes)
            if number == "repairs":
                trace.get_current_span().add_event("teamup.repair")

        return told

    @contextmanager
    def request(self, asked: Asked) -> Generator[_Request]:
        """The span of a request with all its tries."""
        span = self._tracer.start_span(
            f"request {asked.endpoint}", attributes=_whose(asked.account, asked.endpoint)
        )
        with _within(span):
            try:
                yield _Request(self._tracer, self._duration, span, asked)
            finally:
                span.set_attribute("teamup.request.waited", asked.waited)

    def operation(self, name: str, account: str = "", endpoint: str = "", **values: Any) -> _Operation:
        """The span of a walk, a pull or an export."""
        attributes = {**_whose(account, endpoint), **_named(values)}
        title = f"{name} {endpoint}" if endpoint else name
        return _Operation(self._tracer.start_span(title, attributes=attributes))


class _Operation:
    """A span that other code begins, enters and ends at times of its own."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._context = trace.set_span_in_context(span)

    @contextmanager
    def current(self) -> Generator[None]:
        token = context.attach(self._context)
        try:
            yield
        finally:
            context.detach(token)

    def end(self, error: BaseException | None = None, **values: Any) -> None:
        self._span.set_attributes(_named(values))
        if error is not None:
            _fail(self._span, error)
        self._span.end()


class _Request:
    """A request with all its tries."""

    def __init__(self, tracer: trace.Tracer, duration: Histogram, span: Span, asked: Asked) -> None:
        self._tracer = tracer
        self._duration = duration
        self._span = span
        self._asked = asked

    def attempt(self) -> _Attempt:
        return _Attempt(self._tracer, self._duration, self._asked)

    def again(self, reason: Exception, wait: float) -> None:
        self._span.add_event("teamup.retry", {"error.type": _type_of(reason), "teamup.retry.wait": wait})


class _Attempt:
    """One try of a request: a span of the kind CLIENT, and its duration."""

    def __init__(self, tracer: trace.Tracer, duration: Histogram, asked: Asked) -> None:
        self._tracer = tracer
        self._duration = duration
        self._asked = asked
        self._told: dict[str, Any] = {}
        self._span: Span | None = None
        self._token: Any = None
        self._began = 0.0

    def __enter__(self) -> Self:
        return self

    def begin(self) -> None:
        asked = self._asked
        url, template = asked.url, route(asked.path, file=asked.file)
        self._told = {
            "http.request.method": asked.method,
            "server.address": url.host or "",
            "server.port": url.port or 0,
            "url.template": template,
            "url.scheme": url.scheme,
        }
        whose = _whose(asked.account, asked.endpoint)
        self._span = span = self._tracer.start_span(
            f"{asked.method} {template}", kind=SpanKind.CLIENT, attributes={**self._told, **whose}
        )
        if span.is_recording():
            span.set_attribute("url.full", shown(url, file=asked.file))
            if asked.tries:
                span.set_attribute("http.request.resend_count", asked.tries)
        self._told |= whose
        self._token = context.attach(trace.set_span_in_context(span))
        self._began = perf_counter()

    def answered(self, status: int) -> None:
        self._told["http.response.status_code"] = status
        if self._span is not None:
            self._span.set_attribute("http.response.status_code", status)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace_: TracebackType | None
    ) -> None:
        span = self._span
        if span is None:  # it was never sent
            return
        context.detach(self._token)
        if error is not None:
            self._told["error.type"] = _type_of(error)
            _fail(span, error)
        self._duration.record(perf_counter() - self._began, self._told)
        span.end()


@contextmanager
def _within(span: Span) -> Generator[None]:
    """A block in which `span` is what is being done; it ends with the block."""
    token = context.attach(trace.set_span_in_context(span))
    try:
        yield
    except BaseException as error:
        _fail(span, error)
        raise
    finally:
        context.detach(token)
        span.end()


def _fail(span: Span, error: BaseException) -> None:
    """Let a span say what kind of error ended it; never its text, which may quote a customer or a server."""
    span.set_attribute("error.type", _type_of(error))
    if isinstance(error, Exception):  # whoever is cancelled has done nothing wrong
        span.set_status(Status(StatusCode.ERROR, getattr(error, "gave_up", None)))


def _type_of(error: BaseException) -> str:
    """What the conventions call an error: the status that was answered, or the class."""
    return str(getattr(error, "status", "") or type(error).__qualname__)


def _whose(account: str, endpoint: str) -> dict[str, Any]:
    named = {"teamup.account": account, "teamup.endpoint": endpoint}
    return {name: value for name, value in named.items() if value}


def _named(values: dict[str, Any]) -> dict[str, Any]:
    return {f"teamup.{name}": value for name, value in values.items() if value is not None}
