"""How answers name and write what they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from ..._json import is_object
from ...endpoint import Endpoint
from ..desk import Desk
from ..diagnosis import Finding, found, undecided
from ..reply import ABSENT, Reply, value_at
from .base import OpenError, needed, probe
from .rows import REPORT, base, paged

__all__ = ["csv_header", "gzip", "money_keys", "pivot_keys", "shapes"]

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_LARGE: Final = 2_000
"""Bytes of an answer that a server would compress, if it compressed any."""


@probe("row_names", "header_names", "missing_values", "datetimes")
async def shapes(desk: Desk) -> Sequence[Finding]:
    """What one page shows by itself."""
    report = desk.endpoint(REPORT)
    usual = await base(desk)
    needed(usual)
    missing = _missing(report, usual)
    if missing.value is None and usual.rows:  # columns that many rows have no value for
        names = [desk.column(report, path) for path in ("id", "checkin.ocurred_at", "customer_membership.id")]
        missing = _missing(report, await desk.ask(report, columns=names, limit=50))
    return [_row_names(report, usual), _header_names(report, usual), missing, _datetimes(report, usual)]


def _nested(report: Endpoint[..., Any]) -> dict[str, str]:
    """Paths into objects, with the flat name of each."""
    return {path: alias for alias, path in report.aliases.items() if "." in path}


def _row_names(report: Endpoint[..., Any], reply: Reply) -> Finding:
    seen: set[str] = set()
    for path, alias in _nested(report).items():
        for row in reply.rows:
            if path in row:
                seen.add("dotted")
            elif alias in row:
                seen.add("flat")
            elif is_object(row.get(path.partition(".")[0])):
                seen.add("nested")
    if len(seen) == 1:
        return found("row_names", seen.pop(), "all rows show it", reply)
    return undecided(
        "row_names", "rows name columns in several ways" if seen else "no row has an object", reply
    )


def _header_names(report: Endpoint[..., Any], reply: Reply) -> Finding:
    keys = set(reply.keys)
    nested = _nested(report)
    seen = {"dotted"} if keys & set(nested) else set[str]()
    if keys & set(nested.values()):
        seen.add("flat")
    if len(seen) == 1:
        return found("header_names", seen.pop(), "all columns show it", reply)
    why = "columns are named in several ways" if seen else "the answer describes no column of an object"
    return undecided("header_names", why, reply)


def _missing(report: Endpoint[..., Any], reply: Reply) -> Finding:
    nulls = absent = 0
    for path in (report.canonical(key) for key in reply.keys):
        values = [value_at(report, row, path) for row in reply.rows]
        nulls += sum(value is None for value in values)
        gone = sum(value is ABSENT for value in values)
        absent += gone if gone < len(values) else 0  # a column that no row has may be called otherwise
    if nulls and not absent:
        return found("missing_values", "null", "some rows have null, and none lacks a column", reply)
    if absent and not nulls:
        return found("missing_values", "absent", "some rows lack a column that others have", reply)
    why = "both are seen" if nulls else "no value is missing in the first rows"
    return undecided("missing_values", why, reply)


def _datetimes(report: Endpoint[..., Any], reply: Reply) -> Finding:
    written = {"Z": "z", "": "naive"}
    seen: set[str] = set()
    for path in ("updated_at", "event.starts_at", "event.ends_at", "checkin.ocurred_at"):
        for row in reply.rows:
            value = value_at(report, row, path)
            match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
            if match:
                seen.add(written.get(match[1] or "", "offset"))
    if len(seen) == 1:
        return found("datetimes", seen.pop(), "all moments are written so", reply)
    return undecided(
        "datetimes", "moments are written in several ways" if seen else "no row has a moment", reply
    )


@probe("money_keys")
async def money_keys(desk: Desk) -> Sequence[Finding]:
    """How an invoice writes its amount."""
    invoices = desk.endpoint("reports.invoices")
    reply = await desk.ask(invoices, columns=["id", "total_amount"], limit=5)
    needed(reply)
    seen: set[str] = set()
    for row in reply.rows:
        value = value_at(invoices, row, "total_amount")
        if is_object(value):
            seen.add("decimal" if "decimal" in value else "amount" if "amount" in value else "other")
        elif isinstance(value, str):
            seen.add("plain")
        elif value is not None and value is not ABSENT:
            seen.add("other")
    if len(seen) == 1 and "other" not in seen:
        return [found("money_keys", seen.pop(), "all amounts are written so", reply)]
    raise OpenError("amounts are written otherwise" if seen else "no row has an amount", reply)


@probe("pivot_keys")
async def pivot_keys(desk: Desk) -> Sequence[Finding]:
    """Under which keys rows have the columns that a pivot makes."""
    grouped = desk.endpoint("reports.attendances.grouped")
    reply = await desk.ask(grouped, columns=["status", "count"], pivot="year", limit=5)
    needed(reply)
    seen: set[str] = set()
    for key in reply.keys:
        if key in grouped.paths or key in grouped.aliases:
            continue
        seen.update(_pivoted(row, key) for row in reply.rows if _pivoted(row, key))
    if len(seen) == 1:
        return [found("pivot_keys", seen.pop(), "all rows show it", reply)]
    why = "rows have them under several keys" if seen else "no row has a pivoted column"
    raise OpenError(why, reply)


def _pivoted(row: Any, key: str) -> str:
    head, dot, rest = key.partition(".")
    if key in row:
        return "dotted" if dot else "plain"
    if dot and is_object(row.get(head)) and rest in row[head]:
        return "nested"
    return ""


@probe("csv_header")
async def csv_header(desk: Desk) -> Sequence[Finding]:
    """The first line of the report as CSV, beside keys and labels of its columns."""
    report = desk.endpoint(REPORT)
    name = desk.column(report, "customer.id")
    json = await desk.ask(report, columns=["id", name], limit=20)
    reply = await desk.ask(report, columns=["id", name], format="csv", limit=2)
    first = reply.body.decode("utf-8-sig", "replace").partition("\n")[0].strip()
    titles = [title.strip('" ') for title in re.split("[,;\t]", first)]
    if reply.status != 200 or reply.ok:
        raise OpenError(f"asked for CSV, the server answers {reply.kind or reply.status or 'nothing'}", reply)
    names = {("id", "customer.id"), ("id", "customer_id"), tuple(json.keys)}
    labels = tuple(label for _, label in json.columns)
    if tuple(titles) in names and tuple(titles) != labels:
        return [found("csv_header", "keys", "the first line has the keys of the columns", json, reply)]
    if tuple(titles) == labels:
        return [found("csv_header", "labels", "the first line has the labels of the columns", json, reply)]
    raise OpenError("the first line has neither keys nor labels", json, reply)


@probe("gzip")
async def gzip(desk: Desk) -> Sequence[Finding]:
    """Whether any answer came compressed, or a large one did not."""
    packed = [reply for reply in desk.replies if reply.coding]
    if packed:
        return [found("gzip", "on_request", f"answers come as {packed[-1].coding}", packed[-1])]
    if all(len(reply.body) < _LARGE for reply in desk.replies):
        await desk.ask(desk.endpoint(REPORT), **paged(desk, 0, 50))
    largest = max(desk.replies, key=lambda reply: len(reply.body))
    if largest.coding:
        return [found("gzip", "on_request", f"answers come as {largest.coding}", largest)]
    if len(largest.body) >= _LARGE:
        return [found("gzip", "never", "a large answer came as it is", largest)]
    raise OpenError("all answers are too small to be worth it", largest)
