"""What OpenTelemetry has collected, to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import attrs
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from teamup_async.telemetry import OpenTelemetry


@attrs.define
class Collected:
    """Spans and metrics of the clients that were given `telemetry`."""

    exporter: InMemorySpanExporter = attrs.field(factory=InMemorySpanExporter)
    reader: InMemoryMetricReader = attrs.field(factory=InMemoryMetricReader)
    tracers: TracerProvider = attrs.field(factory=TracerProvider)
    meters: Any = None
    telemetry: Any = None

    def __attrs_post_init__(self) -> None:
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader])
        self.telemetry = OpenTelemetry(tracer_provider=self.tracers, meter_provider=self.meters)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that have ended, in that order."""
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> list[ReadableSpan]:
        """The spans of that name."""
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> ReadableSpan:
        """The only span of that name."""
        [span] = self.named(name)
        return span

    def children(self, parent: ReadableSpan | None) -> list[ReadableSpan]:
        """The spans that belong to `parent`; None: to none."""
        wanted = None if parent is None else parent.context.span_id
        return [
            span for span in self.spans if (None if span.parent is None else span.parent.span_id) == wanted
        ]

    def tree(self, parent: ReadableSpan | None = None) -> dict[str, Any]:
        """The names of all spans, those that belong to another within it; equal ones once."""
        grown: dict[str, Any] = {}
        for span in self.children(parent):
            below = grown.setdefault(span.name, {})
            for name, more in self.tree(span).items():
                below.setdefault(name, {}).update(more)
        return grown

    def points(self) -> Iterator[tuple[str, Any]]:
        """The points of all metrics, each with its metric's name."""
        data = self.reader.get_metrics_data()
        for resource in () if data is None else data.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points:
                        yield metric.name, point

    def numbers(self) -> dict[tuple[str, str, str], float]:
        """What was counted: by metric, account and endpoint. Of histograms the sum."""
        found: dict[tuple[str, str, str], float] = defaultdict(float)
        for name, point in self.points():
            whose = (point.attributes.get("teamup.account", ""), point.attributes.get("teamup.endpoint", ""))
            found[name, *whose] += point.sum if hasattr(point, "sum") else point.value
        return dict(found)

    def everything(self) -> str:
        """All that an exporter gets to see, as text."""
        return "\n".join([*(span.to_json() for span in self.spans), str(self.reader.get_metrics_data())])
