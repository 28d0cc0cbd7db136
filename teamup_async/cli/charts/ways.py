"""Ways to arrange a chart that has a name: cells of two dimensions, and bars of months. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal
from typing import Any, Final, Protocol

import attrs

from ...endpoint import Endpoint
from ...objects import Money
from ...query import Query
from ..failures import OutputError
from .data import Counts, Number, arrange, is_month, months

__all__ = ["Amounts", "Cells", "Periods", "Reading", "Shares", "Way"]

_NO_MONTH: Final = "No month"


@attrs.frozen(kw_only=True)
class Reading:
    """What was read for a chart: `rows` of `endpoint` for `query`.

    `title` is what the chart is called, `zone` the zone whose months moments fall into, `hours` those of a bin, `most`
    the labels of a dimension at most, None for the usual.
    """

    endpoint: Endpoint[..., Any]
    query: Query[Any]
    rows: Sequence[Any]
    title: str
    zone: tzinfo
    hours: int = 1
    most: int | None = None


class Way(Protocol):
    """How rows become a chart."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to ask for."""
        ...

    def counts(self, reading: Reading) -> Counts:
        """The chart. Raises `OutputError` for rows that can't be drawn as one."""
        ...


@attrs.frozen
class Cells:
    """Counts by the columns `by`: a heat map for two of them."""

    by: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The dimensions and the count."""
        return (*self.by, "count")

    def counts(self, reading: Reading) -> Counts:
        """The counts in their cells."""
        most = {} if reading.most is None else {"most": reading.most}
        found = arrange(
            reading.endpoint, self.by, reading.rows, query=reading.query, hours=reading.hours, **most
        )
        return attrs.evolve(found, title=reading.title)


@attrs.frozen(kw_only=True)
class Amounts:
    """Sums of the money in column `amount`, by the month of the moment at path `moment`.

    Rows whose column `without` is true are left out. `thing` says what a row is.
    """

    moment: str
    amount: str
    without: str
    thing: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Moment, amount, and what tells which rows to leave out."""
        return (self.moment, self.amount, self.without)

    def counts(self, reading: Reading) -> Counts:
        """The sums, exact, in the one currency that there is. Raises `OutputError` where there are several."""
        sums: dict[str, Decimal] = {}
        seen: list[Money] = []
        unknown = 0
        for row in reading.rows:
            if getattr(row, self.without):
                continue
            money: Money | None = getattr(row, self.amount)
            if money is None or money.decimal is None:
                unknown += 1
                continue
            seen.append(money)
            moment = getattr(row, self.moment)
            label = _NO_MONTH if moment is None else f"{moment.astimezone(reading.zone):%Y-%m}"
            sums[label] = sums.get(label, Decimal(0)) + money.decimal
        currency = self._currency(seen, reading.title)
        places = max((_places(money.decimal) for money in seen if money.decimal is not None), default=0)
        order = _ordered(sums)
        texts = {label: _money_text(sums.get(label, Decimal(0)), seen[0], places) for label in order}
        total = _money_text(sum(sums.values(), Decimal(0)), seen[0], places) if seen else ""
        missing = f"; {unknown:,} without an amount not counted" if unknown else ""
        return _bars(
            reading,
            sums,
            order,
            title=f"{reading.title} in {currency}" if currency else reading.title,
            texts=texts,
            summary=f"{total} in all, from {_told(len(seen), self.thing)}{missing}",
        )

    def _currency(self, amounts: Iterable[Money], title: str) -> str:
        found = sorted({(money.iso_currency_code or "").upper() for money in amounts})
        if len(found) > 1:
            listed = " and ".join(code or "no currency" for code in found)
            raise OutputError(f"{title}: amounts are in {listed}, which can't be added up")
        return found[0] if found else ""


@attrs.frozen
class Periods:
    """Counts of the periods that a pivot spreads them over; `thing` says what is counted."""

    thing: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The count alone, so that there is one row."""
        return ("count",)

    def counts(self, reading: Reading) -> Counts:
        """The count of each period: months in their order, others in the order that TeamUp sends them.

        A month that TeamUp leaves out between two others is no month with none: it says that it was not counted.
        """
        cells: dict[str, Number] = {}
        for row in reading.rows:
            for label, count in row.counts.items():
                cells[label] = cells.get(label, 0) + (count or 0)
        order = _ordered(cells)
        summary = ""
        if order:
            first, last = order[0], order[-1]
            summary = f"{_told(cells[first], self.thing)} in {first}, {cells[last]:,} in {last}"
        texts = {label: "not counted" for label in order if label not in cells}
        return _bars(reading, cells, order, texts=texts, summary=summary)


@attrs.frozen(kw_only=True)
class Shares:
    """The share of a count for which column `of` is true, by the month in columns `year` and `month`.

    `things` says what is counted, `being` what it is to be among the share.
    """

    year: str
    month: str
    of: str
    things: str
    being: str

    @property
    def columns(self) -> tuple[str, ...]:
        """Year, month, the column of the share, and the count."""
        return (self.year, self.month, self.of, "count")

    def counts(self, reading: Reading) -> Counts:
        """Percent of each month, labelled with the counts they come from."""
        alls: dict[str, int] = {}
        parts: dict[str, int] = {}
        for row in reading.rows:
            year, month, count = getattr(row, self.year), getattr(row, self.month), row.count or 0
            label = _NO_MONTH if year is None or month is None else f"{year:04}-{month:02}"
            alls[label] = alls.get(label, 0) + count
            parts[label] = parts.get(label, 0) + (count if getattr(row, self.of) else 0)
        order = _ordered(alls)
        texts = {label: _share_text(parts.get(label, 0), alls.get(label, 0)) for label in order}
        part, whole = sum(parts.values()), sum(alls.values())
        return _bars(
            reading,
            {label: _percent(parts[label], alls[label]) for label in alls},
            order,
            texts=texts,
            summary=f"{_percent(part, whole):.0f}%: {part:,} of {whole:,} {self.things} are {self.being}",
        )


def _bars(
    reading: Reading,
    cells: Mapping[str, Number],
    order: Sequence[str],
    *,
    summary: str,
    title: str = "",
    texts: Mapping[str, str] | None = None,
) -> Counts:
    """Bars in `order`; where `reading` has a limit the largest are kept."""
    most = len(order) if reading.most is None else reading.most
    kept = set(sorted(order, key=lambda label: -cells.get(label, 0))[:most])
    return Counts(
        title=title or reading.title,
        subtitle="",
        by=("Month",),
        rows=tuple(label for label in order if label in kept),
        columns=("",),
        cells={(label, ""): cells.get(label, 0) for label in order if label in kept},
        left_out=len(order) - len(kept),
        rest=sum(cells.get(label, 0) for label in order if label not in kept),
        texts=texts or {},
        summary=summary,
    )


def _ordered(found: Iterable[str]) -> tuple[str, ...]:
    """Months from the first to the last, then what is no month."""
    labels = list(found)
    known = sorted(label for label in labels if is_month(label))
    others = [label for label in labels if not is_month(label)]
    return (*(months(known) if known else ()), *others)


def _places(amount: Decimal) -> int:
    """Decimal places to write an amount with: none for whole ones, else two or as many as it has."""
    exponent = amount.normalize().as_tuple().exponent
    return max(2, -exponent) if isinstance(exponent, int) and exponent < 0 else 0


def _money_text(amount: Decimal, like: Money, places: int) -> str:
    """An amount with the symbol of its currency, where TeamUp puts it."""
    symbol, digits = like.currency_symbol or "", f"{abs(amount):,.{places}f}"
    sign = "-" if amount < 0 else ""
    return (
        f"{sign}{digits} {symbol}".rstrip()
        if like.currency_symbol_position == "after"
        else f"{sign}{symbol}{digits}"
    )


def _told(count: Number, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _percent(part: int, whole: int) -> Decimal:
    return Decimal(100 * part) / whole if whole else Decimal(0)


def _share_text(part: int, whole: int) -> str:
    return f"{_percent(part, whole):.0f}% ({part:,} of {whole:,})" if whole else "0 of 0"
