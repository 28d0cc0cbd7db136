"""Excel workbooks: a sheet for each report, with real numbers, dates and booleans."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, time, tzinfo
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ..errors import ConfigurationError
from .base import Batch, State, Target
from .extract import values_by_row
from .files import FileSink
from .schema import Scalar, Schema
from .sheets import DIGITS, Sheet, sheet_names, write_workbook
from .text import TextBatch, decimal_text, json_text

__all__ = ["Xlsx"]

_ENCODER = msgspec.json.Encoder()
"""Decimals become text here: a sheet takes them for numbers where it can hold all their digits."""
_DECODER = msgspec.json.Decoder(list[Any])

Columns = list[tuple[str, str]]


class Xlsx(FileSink):
    """Excel workbooks: bold, frozen heads with filters, widths from what is in the columns.

    In a folder each report is a workbook. A path that ends in ``.xlsx`` is one workbook with a sheet for each report of
    the pull (and of each account); it appears when all of them are complete.

    Text is text, also where it begins with ``=``. Numbers of more than 15 digits are text, since Excel rounds them.
    Lists are JSON. A report of more rows than a sheet has (1,048,576) goes on in another sheet; text of more than
    32,767 characters is cut, and a note of the result says where.

    * `path`: a folder, or a file that ends in ``.xlsx``; also an address such as ``s3://bucket/folder/``.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    * `storage_options`: what fsspec is told of an object store, where the environment does not say it.
    * `timezone`: the clock that times are shown on, a ``tzinfo`` or a name such as ``"Europe/London"``; each cell names
      it. Excel's own times have none.

    Raises `ConfigurationError` for a zone that there is not.
    """

    format: ClassVar[str] = "xlsx"
    suffix: ClassVar[str] = ".xlsx"
    several: ClassVar[bool] = True

    def __init__(self, path: str | os.PathLike[str], *, timezone: tzinfo | str = UTC, **options: Any) -> None:
        super().__init__(path, **options)
        self.timezone = _zone(timezone)
        self._targets: tuple[Target, ...] = ()
        self._title = ""

    @property
    def waiting(self) -> tuple[str, ...]:
        """Targets whose sheets are ready, and wait for those of others."""
        return tuple(self.remembered)

    def open(self, targets: Sequence[Target]) -> State:
        """Take the folder or file and give the state last saved; one file can have several targets."""
        self._targets = tuple(targets)
        return super().open(targets)

    def make_batch(self, schema: Schema) -> TextBatch:
        """An empty batch."""
        return TextBatch(schema, _lines)

    def encode(self, batch: Batch, *, first: bool) -> bytes:
        """The rows, a JSON array a line."""
        assert isinstance(batch, TextBatch)
        return batch.content()

    def save(self, state: State) -> None:
        """Save `state` and drop the stages and sheets it does not name."""
        named = state.get("targets", {})
        self.remembered = {target: ready for target, ready in self.remembered.items() if target in named}
        super().save(state)

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: State) -> str:
        """Write the workbook, once all of its sheets are ready."""
        if not self.single or len(self._targets) == 1:
            self._title = target.name
            self.remembered = {name: ready for name, ready in self.remembered.items() if name != str(target)}
            return super().publish(target, schema, parts, state)
        columns = self.columns(schema)
        there = [part for part in parts if self.stages([part], columns)]
        # A sheet waits for the others: its parts, and its columns.
        self.remembered = {**self.remembered, str(target): [there, _columns(columns)]}
        if any(str(one) not in self.remembered for one in self._targets):
            self.keep(state)
            return self.location.place_of("")
        found: list[tuple[list[str], Columns]] = [self.remembered[str(one)] for one in self._targets]
        names = [one.name if one.account is None else f"{one.account} {one.name}" for one in self._targets]
        sheets = [
            _sheet(name, columns, self.stages_of(parts))
            for name, (parts, columns) in zip(sheet_names(names), found, strict=True)
        ]
        used = [part for parts, _ in found for part in parts]
        place = self.replace(target, used, state, lambda file: self._write(file, sheets))
        self.remembered = {}
        self.keep(state)
        return place

    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """A workbook of one sheet."""
        self._write(file, [_sheet(self._title, _columns(schema), stages)])

    def _write(self, file: BinaryIO, sheets: Sequence[Sheet]) -> None:
        for cut in write_workbook(file, sheets, self.timezone, self.home):
            self.notes.append(
                f"{self.location.name}: {cut.cells} texts of column {cut.column} of sheet {cut.sheet} were longer "
                "than the 32,767 characters that a cell takes, and were cut"
            )


def _zone(zone: tzinfo | str) -> tzinfo:
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(f"timezone must be a zone such as 'Europe/London', not {zone!r}") from None


def _columns(schema: Schema) -> Columns:
    return [(one.name, one.type.kind if isinstance(one.type, Scalar) else "json") for one in schema.columns]


def _sheet(name: str, columns: Columns, stages: Sequence[Path]) -> Sheet:
    def rows() -> Iterator[list[Any]]:
        for stage in stages:
            with stage.open("rb") as lines:
                yield from map(_DECODER.decode, lines)

    return Sheet(name=name, columns=columns, rows=rows)


def _lines(schema: Schema, rows: Sequence[Any]) -> bytes:
    return _ENCODER.encode_lines([list(map(_stored, values)) for values in values_by_row(schema, rows)])


def _stored(value: Any) -> Any:
    """A value as JSON, with text for what a cell can't hold as a number; `Sheet` says more."""
    kind: Any = type(value)  # pyright: ignore[reportUnknownVariableType]
    if value is None or kind in (str, bool):
        return value
    if kind is int:
        return value if abs(value) < 10**DIGITS else str(value)
    if kind is float:
        return value if isfinite(value) else str(value)
    if kind is Decimal:
        return decimal_text(value)
    return value.isoformat() if isinstance(value, (date, time)) else json_text(value)
