"""Rows as sheets of a workbook: values as Excel has them, within the limits that it has."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false, reportUntypedBaseClass=false, reportUnknownParameterType=false
# (XlsxWriter has no type information)

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Final

import attrs
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

from .base import SinkError

__all__ = ["DIGITS", "Cut", "Sheet", "sheet_names", "write_workbook"]

_ROWS: Final = 1_048_576
_COLUMNS: Final = 16_384
_CHARACTERS: Final = 32_767
_NAME: Final = 31
DIGITS: Final = 15
"""So many digits Excel keeps of a number; one with more is text here."""
_WIDEST: Final = 60
_FIRST_DAY: Final = date(1900, 3, 1)
"""Excel believes in a 29 February 1900: dates before the day after it are text."""
_MADE: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - a file has no zone
"""The same in each file, so that the same rows make the same bytes."""
_NUMBER: Final = "#,##0.00########"
"""Two decimals, and more where a value has them."""


@attrs.frozen(kw_only=True)
class Sheet:
    """A sheet: its `name`, its `columns` (name and kind), and its `rows`.

    A row is a list of JSON values; what Excel has no number for is text.
    """

    name: str
    columns: Sequence[tuple[str, str]]
    rows: Callable[[], Iterable[Sequence[Any]]]


@attrs.define
class Cut:
    """How many texts of a column were longer than a cell takes, and were cut."""

    sheet: str
    column: str
    cells: int = 0


def sheet_names(names: Iterable[str]) -> list[str]:
    """Names of sheets: 31 characters at most, each once whatever the case, and not the one that Excel keeps."""
    made: list[str] = []
    taken = {"history"}
    for name in names:
        found, number = name[:_NAME], 2
        while found.casefold() in taken:
            tail = f"~{number}"
            found, number = f"{name[: _NAME - len(tail)]}{tail}", number + 1
        taken.add(found.casefold())
        made.append(found)
    return made


class _Worksheet(Worksheet):  # type: ignore[misc]  # the package has no type information
    """A sheet whose texts are texts."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = None) -> None:
        # XlsxWriter takes what looks like its own markup for that: anyone may be called <r>...</r>.
        self._xml_inline_string(string, string != string.strip(), attributes)

    @staticmethod
    def _escape_control_characters(data: Any) -> Any:
        escaped = Worksheet._escape_control_characters(data)  # noqa: SLF001 - it is overridden
        if not isinstance(escaped, str):  # what stands for a boolean
            return escaped
        return escaped.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_")  # no XML can hold them


def write_workbook(
    file: BinaryIO, sheets: Iterable[Sheet], zone: tzinfo, folder: Path, *, most: int = _ROWS
) -> list[Cut]:
    """Write a workbook into `file`; `folder` is for what is not finished. Memory does not grow with the rows.

    Times are written on the clock of `zone`; a sheet takes `most` rows with its head. Says what was cut.
    Raises `SinkError` for more columns than a sheet has.
    """
    options = {"constant_memory": True, "tmpdir": str(folder), "use_zip64": True}
    book = xlsxwriter.Workbook(file, options)
    cuts: list[Cut] = []
    try:
        book.set_properties({"created": _MADE})
        formats = _Formats(book, zone)
        used: list[str] = []
        for sheet in sheets:
            _Filling(book, sheet, formats, used, cuts).fill(most)
        book.close()
    except FileCreateError as error:  # it wraps what the system said
        raise error.args[0] from None
    finally:
        book.fileclosed = True
        pages: list[Any] = book.worksheets()
        for page in pages:
            page.row_data_fh.close()
            Path(page.row_data_filename).unlink(missing_ok=True)
    return [cut for cut in cuts if cut.cells]


class _Formats:
    """The formats of cells; those of times name the clock that they are on."""

    def __init__(self, book: Any, zone: tzinfo) -> None:
        self._book, self.zone = book, zone
        self.head = book.add_format({"bold": True})
        self.number = book.add_format({"num_format": _NUMBER})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.time = book.add_format({"num_format": "hh:mm:ss"})
        self._moments: dict[str, Any] = {}

    def moment(self, clock: str) -> Any:
        """The format of a time on a clock such as ``UTC`` or ``BST``."""
        if clock not in self._moments:
            word = clock.replace('"', "")
            shape = f'yyyy-mm-dd hh:mm:ss "{word}"' if word else "yyyy-mm-dd hh:mm:ss"
            self._moments[clock] = self._book.add_format({"num_format": shape})
        return self._moments[clock]


class _Filling:
    """Writes the rows of a sheet, and goes on in another one where it is full."""

    def __init__(self, book: Any, sheet: Sheet, formats: _Formats, used: list[str], cuts: list[Cut]) -> None:
        if len(sheet.columns) > _COLUMNS:
            raise SinkError(
                f"{sheet.name} has {len(sheet.columns):,} columns, and a sheet has {_COLUMNS:,}: ask for fewer"
            )
        self._book, self._sheet, self._formats, self._used = book, sheet, formats, used
        self._cuts = [Cut(sheet.name, name) for name, _ in sheet.columns]
        cuts += self._cuts
        writers: Mapping[str, Callable[[int, int, Any], int]] = {
            "integer": self._integer,
            "number": self._float,
            "decimal": self._decimal,
            "boolean": self._boolean,
            "date-time": self._moment,
            "date": self._date,
            "time": self._time,
        }
        self._writers = [writers.get(kind, self._any) for _, kind in sheet.columns]
        self._begin()

    def _begin(self) -> None:
        self._widths = [0] * len(self._sheet.columns)
        *_, name = sheet_names([*self._used, self._sheet.name])
        self._used.append(name)
        self._page = self._book.add_worksheet(name, _Worksheet)
        self._page.freeze_panes(1, 0)
        self._row = 1
        for place, (column, _) in enumerate(self._sheet.columns):
            self._page.write_string(0, place, column[:_CHARACTERS], self._formats.head)
            self._widths[place] = len(column) + 3  # the arrow of the filter

    def _end(self) -> None:
        if self._sheet.columns:
            self._page.autofilter(0, 0, self._row - 1, len(self._sheet.columns) - 1)
        for place, width in enumerate(self._widths):
            self._page.set_column(place, place, min(width + 1, _WIDEST))

    def fill(self, most: int) -> None:
        """Write all rows, `most` into a sheet, its head counted."""
        for values in self._sheet.rows():
            if self._row == most:
                self._end()
                self._begin()
            row, widths = self._row, self._widths
            for place, (write, value) in enumerate(zip(self._writers, values, strict=True)):
                if value is not None:
                    width = write(row, place, value)
                    widths[place] = max(widths[place], width)
            self._row = row + 1
        self._end()

    def _text(self, row: int, place: int, value: str) -> int:
        # Excel counts the halves of UTF-16.
        if len(value) * 2 > _CHARACTERS and len(units := value.encode("utf-16-le")) > 2 * _CHARACTERS:
            value = units[: 2 * (_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"
            self._cuts[place].cells += 1
        self._page.write_string(row, place, value)
        return len(value)

    def _any(self, row: int, place: int, value: Any) -> int:
        match value:
            case bool():
                return self._boolean(row, place, value)
            case int():
                return self._integer(row, place, value)
            case float():
                return self._float(row, place, value)
            case _:
                return self._text(row, place, str(value))

    def _integer(self, row: int, place: int, value: int | str) -> int:
        if isinstance(value, str):
            return self._text(row, place, value)
        self._page.write_number(row, place, value)
        return len(str(value))

    def _float(self, row: int, place: int, value: float | str) -> int:
        if isinstance(value, str):
            return self._text(row, place, value)
        self._page.write_number(row, place, value)
        return len(f"{value:.15g}")

    def _decimal(self, row: int, place: int, value: str) -> int:
        number = Decimal(value)
        digits = len(number.normalize().as_tuple().digits) if number.is_finite() else DIGITS + 1
        if digits > DIGITS or "E" in value:
            return self._text(row, place, value)
        self._page.write_number(row, place, number, self._formats.number)
        return len(f"{number:,.2f}")

    def _boolean(self, row: int, place: int, value: bool) -> int:
        self._page.write_boolean(row, place, value)
        return 5

    def _moment(self, row: int, place: int, value: str) -> int:
        moment = datetime.fromisoformat(value)
        clock = ""
        if moment.tzinfo is not None:
            try:
                moment = moment.astimezone(self._formats.zone)
            except OverflowError:  # at the ends of what Python counts
                return self._text(row, place, value)
            clock = moment.tzname() or ""
        if moment.date() < _FIRST_DAY:
            return self._text(row, place, moment.isoformat())
        self._page.write_datetime(row, place, moment.replace(tzinfo=None), self._formats.moment(clock))
        return 20 + len(clock)

    def _date(self, row: int, place: int, value: str) -> int:
        day = date.fromisoformat(value)
        if day < _FIRST_DAY:
            return self._text(row, place, value)
        self._page.write_datetime(row, place, day, self._formats.date)
        return 10

    def _time(self, row: int, place: int, value: str) -> int:
        moment = time.fromisoformat(value)
        self._page.write_datetime(row, place, moment.replace(tzinfo=None), self._formats.time)
        return 8
