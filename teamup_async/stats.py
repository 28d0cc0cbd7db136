"""What a walk, a run or a whole client has done so far: `Stats` is a snapshot, `Meter` what counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

__all__ = ["Meter", "Stats"]


@attrs.frozen(kw_only=True)
class Stats:
    """What a walk (``stream.stats``), a run (``result.stats``) or a client (``teamup.stats``) has done so far."""

    rows: int = 0
    """Rows yielded."""
    pages: int = 0
    """Pages yielded."""
    requests: int = 0
    """Requests sent, each try counted, and tries that found no connection."""
    retries: int = 0
    """Tries after the first one of a request."""
    throttled: int = 0
    """Answers of TeamUp with status 429 (too many requests)."""
    waited: float = 0.0
    """Seconds lost to the quota. Where several requests wait at the same time, that time counts once."""
    bytes: int = 0
    """Bytes of the answers' bodies, after decompression."""
    repairs: int = 0
    """Times that a walk went back because rows had moved (drift): positions entered again, and readings begun anew.
    ``stream.integrity`` tells the two apart."""
    total: int | None = None
    """Rows that the server announced with the latest page; None where it announced none, and for several walks."""
    detours: int = 0
    """Pages that became row objects on their way to columns (``batches()``, or a pull into Parquet, Arrow or DuckDB),
    because they did not fit."""
    in_flight: int = 0
    """Requests sent and not yet answered at this moment."""

    @classmethod
    def sum(cls, several: Iterable[Stats]) -> Stats:
        """The numbers of several walks or clients added up; `total` is left out."""
        found = list(several)
        return cls(
            **{
                name: sum(getattr(one, name) for one in found)
                for name in attrs.fields_dict(cls)
                if name != "total"
            }
        )

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON-able values, seconds to the millisecond."""
        return {**attrs.asdict(self), "waited": round(self.waited, 3)}


@attrs.define
class Meter:
    """The counters behind `Stats`. What it counts is counted `above` as well: a walk's by its client.

    `answering`: seconds until answers came, waits for slots and quota left out. `tell`: told each number that it counts
    first, by its name, but for rows and pages, which may be taken back.
    """

    rows: int = 0
    pages: int = 0
    requests: int = 0
    retries: int = 0
    throttled: int = 0
    waited: float = 0.0
    bytes: int = 0
    repairs: int = 0
    total: int | None = None
    answering: float = 0.0
    detours: int = 0
    in_flight: int = 0
    above: Meter | None = attrs.field(default=None, eq=False, repr=False)
    tell: Callable[[str, float], object] | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def chain(self) -> tuple[Meter, ...]:
        """This meter and those above it."""
        meters: list[Meter] = [self]
        while (above := meters[-1].above) is not None:
            meters.append(above)
        return tuple(meters)

    def snapshot(self) -> Stats:
        """The counters as they stand."""
        return Stats(**{field.name: getattr(self, field.name) for field in attrs.fields(Stats)})

    def count_page(self, rows: int, total: int | None) -> None:
        """A page of `rows` is yielded, with which the server announced `total`."""
        self.total = total
        for meter in self.chain:
            meter.rows += rows
            meter.pages += 1

    def take_back_pages(self) -> None:
        """The pages counted so far are not yielded after all: everything is read anew."""
        rows, pages = self.rows, self.pages
        for meter in self.chain:
            meter.rows -= rows
            meter.pages -= pages

    def count_repair(self) -> None:
        """A walk goes back because rows have moved."""
        for meter in self.chain:
            meter.repairs += 1
        if self.tell is not None:
            self.tell("repairs", 1)

    def count_detour(self) -> None:
        """A page that was to become columns becomes rows first."""
        for meter in self.chain:
            meter.detours += 1
        if self.tell is not None:
            self.tell("detours", 1)
