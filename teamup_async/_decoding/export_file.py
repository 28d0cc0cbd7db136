"""Files that an export job made: whether one is whole, and its rows as objects.

No document shows the header line, the encoding or the nested columns of an exported CSV. What is read here: a
header of column names (paths such as ``customer.name``, flat names such as ``customer_name``, or labels such as
"Customer Name"), empty cells for what is absent, JSON in the cells of objects and lists.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar

import attrs
import msgspec

from .._memo import memo
from ..endpoint import Endpoint
from ..errors import ResponseDecodeError, nearest, shown
from ..hints import class_in, hints_of, read
from .fast import decode

__all__ = ["Format", "count_rows", "read_rows"]

Row = TypeVar("Row")
Format = Literal["csv", "json"]

_BATCH: Final = 1000
_TRUE: Final = frozenset({"true", "yes", "1"})
_FALSE: Final = frozenset({"false", "no", "0"})
_TEXT: Final = (str, datetime, date, time)
_encode = msgspec.json.Encoder(decimal_format="number").encode


def count_rows(path: Path, form: Format, *, framed: bool) -> int:
    """How many rows a file holds. Raises ValueError where it ends in the middle.

    `framed`: the server said how long the file is, so that a missing end was noticed before.
    """
    if form == "json":
        return len(_json_rows(path.read_bytes()))
    if not framed and not _ends_in_a_line_break(path):
        raise ValueError("its last line has no end")
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, strict=True)
        try:
            width = len(next(lines, ()))
            count = 0
            for cells in lines:
                if len(cells) != width:
                    raise ValueError(f"line {lines.line_num} has {len(cells)} of {width} columns")
                count += 1
        except csv.Error as error:
            raise ValueError(f"line {lines.line_num}: {error}") from None
    return count


def read_rows(endpoint: Endpoint[..., Row], path: Path, form: Format) -> Iterator[Row]:
    """The rows of a file as objects of the report's row class, a batch in memory at a time (all of a JSON file).

    Raises `ResponseDecodeError` for a column that the report has not, and for a value that does not fit.
    """
    pages = _json_pages(endpoint, path) if form == "json" else _csv_pages(endpoint, path)
    for page in pages:
        yield from decode(endpoint, page).rows


def _ends_in_a_line_break(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(0, 2)
        if file.tell() == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) == b"\n"


# --- JSON -------------------------------------------------------------------------------------------------


def _json_rows(body: bytes) -> list[msgspec.Raw]:
    """The rows of an array, or of an object that holds the array under ``rows``."""
    try:
        if body.lstrip()[:1] == b"{":
            return msgspec.json.decode(body, type=_Rows).rows
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from None


@attrs.frozen
class _Rows:
    rows: list[msgspec.Raw]


def _json_pages(endpoint: Endpoint[..., Any], path: Path) -> Iterator[bytes]:
    try:
        rows = _json_rows(path.read_bytes())
    except ValueError as error:
        raise ResponseDecodeError(f"{path} is not an array of rows: {error}") from None
    name = _encode(endpoint.envelope.rows)
    for start in range(0, len(rows), _BATCH):
        yield b"{%b:[%b]}" % (name, b",".join(map(bytes, rows[start : start + _BATCH])))


# --- CSV --------------------------------------------------------------------------------------------------


def _csv_pages(endpoint: Endpoint[..., Any], path: Path) -> Iterator[bytes]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file)
        columns = [_column(endpoint, name) for name in next(lines, ())]
        headers = [{"key": column.path} for column in columns]
        while batch := list(islice(lines, _BATCH)):
            rows = [_row(columns, cells, lines.line_num) for cells in batch]
            yield _encode({endpoint.envelope.rows: rows, "column_headers": headers})


@attrs.frozen
class _Column:
    """A column of the file: where its values belong in a row, and what makes a JSON value of a cell."""

    path: str
    read: Callable[[str], Any]
    above: tuple[str, ...]
    name: str

    @classmethod
    def at(cls, path: str, read: Callable[[str], Any]) -> Self:
        """The column at a dotted path."""
        *above, name = path.split(".")
        return cls(path, read, tuple(above), name)


def _column(endpoint: Endpoint[..., Any], name: str) -> _Column:
    known = {_plain(path): path for path in (*endpoint.paths, *endpoint.columns)}
    known |= {_plain(alias): path for alias, path in endpoint.aliases.items()}
    path = known.get(_plain(name))
    if path is not None:
        return _Column.at(path, _reader(_hint_at(endpoint.row, path)))
    if "counts" in attrs.fields_dict(endpoint.row):
        return _Column.at(name, _number)
    near = nearest(name, endpoint.paths)
    hint = f"; did you mean {near!r}?" if near else ""
    raise ResponseDecodeError(f"{endpoint.name} has no column {shown(name, 80)}{hint}")


def _plain(name: str) -> str:
    """A column's name without what differs between paths, flat names and labels."""
    return re.sub(r"[\W_]+", "_", name.strip().lower())


def _row(columns: list[_Column], cells: list[str], line: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column, cell in zip(columns, cells, strict=False):
        if cell == "":
            continue
        try:
            value = column.read(cell)
        except ValueError:
            raise ResponseDecodeError(f"line {line}: {column.path} can't be {shown(cell, 80)}") from None
        inner = row
        for name in column.above:
            inner = inner.setdefault(name, {})
        inner[column.name] = value
    return row


@memo
def _hint_at(row_class: type, path: str) -> Any:
    """The type hint of the field at a dotted path."""
    hint: Any = row_class
    for name in path.split("."):
        cls = class_in(hint)
        assert cls is not None
        hint = hints_of(cls)[name]
    return hint


def _reader(hint: Any) -> Callable[[str], Any]:
    said = read(hint)
    if said.values or any(form in _TEXT for form in said.forms):
        return str
    if bool in said.forms:
        return _boolean
    if said.forms and all(form in (int, float, Decimal) for form in said.forms):
        return _number
    return msgspec.json.decode


def _boolean(cell: str) -> bool:
    word = cell.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError
    return word in _TRUE


def _number(cell: str) -> Decimal:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        raise ValueError from None
    if not number.is_finite():
        raise ValueError
    return number
