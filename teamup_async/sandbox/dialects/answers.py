"""What is said in an answer, in a dialect: totals, pages past the end, names, values, and errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

import attrs

from ..._json import is_array, is_object
from ...dialect import Dialect
from ...endpoint import Endpoint
from .. import render
from ..data.shape import at_path
from ..data.sources import Answer
from ..parameters import Page
from ..problems import ProblemError
from ..wire import Reply

__all__ = ["csv_names", "named", "page_past_end", "refusal", "stated_total", "worded"]

_PENNY: Final = Decimal("0.01")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


# --- pages ------------------------------------------------------------------------------------------------


def page_past_end(dialect: Dialect, endpoint: Endpoint[..., Any], page: Page, total: int) -> Page:
    """The page to answer instead of one behind the last row; raises `ProblemError` (404)."""
    if page.offset == 0 or page.offset < total:
        return page
    report = endpoint.envelope.name == "report"
    match dialect.page_past_end if report else dialect.list_page_past_end:
        case "not_found":
            raise ProblemError(404, "not_found", "Invalid page.")
        case "last_page":
            size = max(page.limit, 1)
            if page.page is None:
                return attrs.evolve(page, offset=max(total - size, 0))
            number = max(-(-total // size), 1)
            return Page((number - 1) * size, size, number)
        case _:
            return page


def stated_total(dialect: Dialect, total: int, whole: Callable[[], int]) -> int | None:
    """What the answer says of its `total`; `whole` counts the rows without filters."""
    match dialect.total:
        case "absent":
            return None
        case "approximate":
            return round(total, -2)
        case "whole":
            return whole()
        case _:
            return total


# --- values -----------------------------------------------------------------------------------------------


def worded(dialect: Dialect, answer: Answer) -> Answer:
    """The answer with its values as the dialect writes them, under the documented names."""
    writes = _values(dialect)
    return attrs.evolve(answer, rows=[_changed(row, writes) for row in answer.rows]) if writes else answer


_Write = Callable[[Any], Any]


def _values(dialect: Dialect) -> tuple[_Write, ...]:
    writes: list[_Write] = []
    if dialect.datetimes != "z":
        writes.append(_moment_with_offset if dialect.datetimes == "offset" else _moment_naive)
    if dialect.money_keys != "decimal":
        writes.append(_money_amount if dialect.money_keys == "amount" else _money_plain)
    return tuple(writes)


def _changed(value: Any, writes: tuple[_Write, ...]) -> Any:
    for write in writes:
        value = write(value)
    if is_object(value):
        return {name: _changed(part, writes) for name, part in value.items()}
    if is_array(value):
        return [_changed(part, writes) for part in value]
    return value


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(UTC)
    return None


def _moment_with_offset(value: Any) -> Any:
    moment = _moment(value)
    return value if moment is None else moment.isoformat()


def _moment_naive(value: Any) -> Any:
    moment = _moment(value)
    return value if moment is None else moment.replace(tzinfo=None).isoformat()


def _is_money(value: Any) -> bool:
    return is_object(value) and "decimal" in value


def _money_amount(value: Any) -> Any:
    if not _is_money(value):
        return value
    currency = value.get("iso_currency_code") or value.get("currency")
    return {"amount": _money_plain(value), "currency": currency}


def _money_plain(value: Any) -> Any:
    if not _is_money(value) or value["decimal"] is None:
        return None if _is_money(value) else value
    exact = Decimal(str(value["decimal"]))
    return str(max(exact, exact.quantize(_PENNY), key=lambda number: len(str(number))))


# --- names ------------------------------------------------------------------------------------------------


def named(dialect: Dialect, endpoint: Endpoint[..., Any], answer: Answer) -> Answer:
    """The answer with the dialect's names of columns, in rows and headers."""
    if endpoint.envelope.name == "report":
        pivoted = _pivoted(endpoint, answer)
        unsorted = dialect.sort_by_id != "honoured"
        rows = answer.rows
        if dialect.pivot_keys != "plain" and pivoted:
            rows = [_pivot_row(dialect, row, pivoted) for row in rows]
        if dialect.row_names != "nested":
            names = _row_names(dialect, endpoint, answer, pivoted)
            rows = [_flat_row(row, names) for row in rows]
        columns = tuple(
            (_key(dialect, endpoint, path, pivoted), can and not (path == "id" and unsorted))
            for path, can in answer.columns
        )
        answer = attrs.evolve(answer, rows=rows, columns=columns)
    if dialect.missing_values == "absent":
        answer = attrs.evolve(answer, rows=[_without_nulls(row) for row in answer.rows])
    return answer


def csv_names(dialect: Dialect, endpoint: Endpoint[..., Any], answer: Answer) -> list[str]:
    """The header line of a CSV file."""
    keys = [_key(dialect, endpoint, path, _pivoted(endpoint, answer)) for path, _ in answer.columns]
    return [render.label(key) for key in keys] if dialect.csv_header == "labels" else keys


def _pivoted(endpoint: Endpoint[..., Any], answer: Answer) -> frozenset[str]:
    if not endpoint.grouped:
        return frozenset()
    return frozenset(path for path, _ in answer.columns) - frozenset(endpoint.paths)


_PIVOTS: Final = {"plain": "", "dotted": "count.", "nested": "counts."}


def _pivot_row(dialect: Dialect, row: Mapping[str, Any], pivoted: Iterable[str]) -> dict[str, Any]:
    rest = {name: value for name, value in row.items() if name not in pivoted}
    counts = {name: row[name] for name in row if name in pivoted}
    if dialect.pivot_keys == "nested":
        return {**rest, "counts": counts}
    return {**rest, **{f"{_PIVOTS[dialect.pivot_keys]}{name}": value for name, value in counts.items()}}


def _key(dialect: Dialect, endpoint: Endpoint[..., Any], path: str, pivoted: Iterable[str]) -> str:
    if path in pivoted:
        return f"{_PIVOTS[dialect.pivot_keys]}{path}"
    return _flat(endpoint, path) if dialect.header_names == "flat" else path


def _flat(endpoint: Endpoint[..., Any], path: str) -> str:
    """The flat name of a path: the documented one, where there is one."""
    return endpoint.flat_name(path).replace(".", "_")


def _row_names(
    dialect: Dialect, endpoint: Endpoint[..., Any], answer: Answer, pivoted: Iterable[str]
) -> dict[str, str]:
    """The key that each column has in a row, by its path."""
    paths = [path for path, _ in answer.columns if path not in pivoted]
    return {path: _flat(endpoint, path) if dialect.row_names == "flat" else path for path in paths}


def _flat_row(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The row with each column under its one name; what is no column (pivoted ones) stays as it is."""
    flat = {name: row[path] if path in row else at_path(row, path) for path, name in names.items()}
    above = {path.partition(".")[0] for path in names}
    return {**flat, **{name: value for name, value in row.items() if name not in above}}


def _without_nulls(value: Any) -> Any:
    if is_object(value):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    if is_array(value):
        return [_without_nulls(part) for part in value]
    return value


# --- errors -----------------------------------------------------------------------------------------------


def refusal(dialect: Dialect, problem: ProblemError) -> Reply:
    """An answer other than 200."""
    kind, body = _ERRORS[dialect.error_body](problem)
    headers = {"Content-Type": kind} if kind else {}
    return Reply(problem.status, body, {**headers, **problem.headers})


_JSON: Final = "application/json"


def _detail(problem: ProblemError) -> tuple[str, bytes]:
    by_field = problem.status == 400 and problem.field_errors
    return _JSON, render.to_json(problem.field_errors if by_field else {"detail": str(problem)})


def _html(problem: ProblemError) -> tuple[str, bytes]:
    phrase = HTTPStatus(problem.status).phrase
    head, body = f"<title>{phrase}</title>", f"<h1>{phrase}</h1><p>{problem}</p>"
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return "text/html; charset=utf-8", page.encode()


_ERRORS: Final[Mapping[str, Callable[[ProblemError], tuple[str, bytes]]]] = {
    "documented": lambda problem: (_JSON, render.to_json(problem.body)),
    "detail": _detail,
    "messages": lambda problem: (_JSON, render.to_json([str(problem)])),
    "html": _html,
    "empty": lambda _: ("", b""),
}
