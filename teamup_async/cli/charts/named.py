"""The charts that have a name, declared: what each reads and how it is drawn. A new chart is one entry of `CHARTS`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs

from ...endpoint import Endpoint, TimeSpan
from ...endpoints import endpoint_named
from ...errors import QueryError, nearest
from .data import Counts, is_month
from .ways import Amounts, Cells, Periods, Reading, Shares, Way
from .words import filter_words, period

__all__ = ["CHARTS", "Chart", "chart_named", "reports_of"]


@attrs.frozen(kw_only=True)
class Chart:
    """A chart with a name.

    `title` stands above it, `about` is its line in the list, `note` what one must know to read it (``{zone}`` in it is
    the zone of the months). `report` is read with the filters in `query`, which are the chart's own: nobody else can
    set them. `way` says how rows become a chart. `span` is the stretch of time that ``--since`` and ``--until`` mean
    where it is not the report's.
    """

    name: str
    title: str
    about: str
    note: str
    report: str
    way: Way
    query: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    span: TimeSpan | None = None

    def source(self, report: Endpoint[..., Any]) -> Endpoint[..., Any]:
        """The report, with the chart's stretch of time."""
        return report if self.span is None else attrs.evolve(report, span=self.span)

    def values(self, filters: Mapping[str, Any], settings: tuple[str, ...] = ()) -> dict[str, Any]:
        """`filters` and those of the chart. Raises `QueryError` where one is set that is the chart's own.

        `settings` are texts as ``--set`` takes them.
        """
        own = {**self.query, "columns": list(self.way.columns)}
        given = [name for name, value in filters.items() if value is not None]
        set_ones = [text.partition("=")[0].rpartition(".")[2].strip().replace("-", "_") for text in settings]
        for name in (*given, *set_ones):
            if name in own:
                raise QueryError(f"{name} is set by the chart {self.name}: leave it out", parameter=name)
        return {**filters, **own}

    def counts(self, reading: Reading) -> Counts:
        """What is drawn. Raises `OutputError` for rows that can't be drawn."""
        counts = self.way.counts(reading)
        endpoint, query = reading.endpoint, reading.query
        found = [row for row in counts.rows if is_month(row)]
        parts = [period(endpoint, query)] if endpoint.span else []
        parts += [f"{found[0]} to {found[-1]}"] if found else []
        told = (
            ", ".join(parts),
            *filter_words(endpoint, query, beside=self.query),
            self.note.format(zone=reading.zone),
        )
        return attrs.evolve(counts, subtitle=" · ".join(part for part in told if part))


CHARTS: Final = (
    Chart(
        name="revenue-by-month",
        title="Revenue by month",
        about="What was paid in each month.",
        note="paid invoices before refunds, without credit notes, months in {zone}",
        report="invoices",
        query={"status": "paid"},
        span=TimeSpan(field="paid_at", gte="paid_at_gte", lte="paid_at_lte"),
        way=Amounts(moment="paid_at", amount="total_amount", without="is_credit_note", thing="invoice"),
    ),
    Chart(
        name="visits-by-hour",
        title="Visits by weekday and hour",
        about="When people come, by weekday and hour.",
        note="attended, by the start of the event",
        report="attendances.grouped",
        query={"status": ["attended"]},
        way=Cells(("day_of_week", "event.start_time")),
    ),
    Chart(
        name="members-over-time",
        title="Active memberships by month",
        about="Active memberships in each of 12 months.",
        note="memberships, not people: someone with two counts twice",
        report="customer_memberships.grouped",
        query={"pivot": "active_by_month", "max_pivot_columns": "12"},
        way=Periods("active membership"),
    ),
    Chart(
        name="retention-by-join-month",
        title="Customers still active, by the month they joined",
        about="Who of those that joined in a month is active.",
        note="active at the time of reading; deleted customers are left out unless asked for",
        report="customers.grouped",
        way=Shares(
            year="created_year", month="created_month", of="is_active", things="customers", being="active"
        ),
    ),
)


def chart_named(name: str) -> Chart | None:
    """The chart called `name`, dashes and underscores alike; None where there is none."""
    wanted = name.strip().lower().replace("_", "-")
    return next((chart for chart in CHARTS if chart.name == wanted), None)


def reports_of(arguments: Sequence[str], known: Iterable[Endpoint[..., Any]]) -> list[str]:
    """Arguments with the report of a chart in the place of its name.

    Raises `QueryError` where the first one is nearly the name of a chart.
    """
    if arguments and not arguments[0].startswith("-") and chart_named(arguments[0]) is None:
        names = [chart.name for chart in CHARTS]
        try:
            endpoint_named(arguments[0], known)
        except QueryError as error:
            near = nearest(arguments[0].lower().replace("_", "-"), [*names, *error.allowed])
            if near in names:
                raise QueryError(
                    f"There is no chart called {arguments[0]!r}; did you mean {near!r}?",
                    parameter="report",
                    value=arguments[0],
                    allowed=names,
                    suggestion=near,
                ) from None
    found = ((argument, chart_named(argument)) for argument in arguments)
    return [argument if chart is None else chart.report for argument, chart in found]
