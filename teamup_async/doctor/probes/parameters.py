"""What is understood of a request: lists of values, names of columns, parameters nobody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

from ...query import ArrayEncoding
from ..desk import Desk
from ..diagnosis import Finding, found
from ..reply import value_at
from .base import OpenError, answered, needed, probe
from .rows import REPORT, ROWS, base

__all__ = [
    "arrays",
    "column_names",
    "default_columns",
    "format_json",
    "grouped_id_gt",
    "list_arrays",
    "unknown_parameters",
]


@probe("format_json")
async def format_json(desk: Desk) -> Sequence[Finding]:
    """What kind of answer ``format=json`` brings."""
    reply = await base(desk)
    if reply.ok:
        return [found("format_json", "honoured", "the answer is JSON", reply)]
    if reply.status == 200 and "csv" in reply.kind:
        return [found("format_json", "ignored", "the answer is CSV", reply)]
    raise OpenError(f"the report {answered(reply)}", reply)


@probe("arrays")
async def arrays(desk: Desk) -> Sequence[Finding]:
    """Which form lets a report understand two columns."""
    usual = await base(desk)
    needed(usual)
    asked = ["id", "status"]
    if set(usual.keys) <= set(asked):
        raise OpenError("the report has these two columns only", usual)
    seen = [usual]
    for form in get_args(ArrayEncoding):
        reply = await desk.ask(desk.endpoint(REPORT), arrays=form, columns=asked, limit=ROWS)
        seen.append(reply)
        if reply.ok and set(reply.keys) == set(asked):
            return [found("arrays", form, "both columns came, and no other", *seen)]
    raise OpenError("no form brought the two columns", *seen)


@probe("list_arrays")
async def list_arrays(desk: Desk) -> Sequence[Finding]:
    """Which form lets a list understand two customers."""
    attendances = desk.endpoint("lists.attendances")
    small: dict[str, Any] = {"fields": ["id", "customer"], "page_size": 50}
    usual = await desk.ask(attendances, **small)
    if not usual.ok:
        raise OpenError(f"the list {answered(usual)}", usual)
    counted = Counter(customer for row in usual.rows if isinstance(customer := row.get("customer"), int))
    if len(counted) < 3:
        raise OpenError("the list has too few customers to tell two of them from all", usual)
    wanted = [customer for customer, _ in counted.most_common()[-2:]]
    seen = [usual]
    for form in get_args(ArrayEncoding):
        reply = await desk.ask(attendances, arrays=form, customer=wanted, **small)
        seen.append(reply)
        if reply.ok and {row.get("customer") for row in reply.rows} == set(wanted):
            return [found("list_arrays", form, "rows of both customers came, and no others", *seen)]
    raise OpenError("no form brought rows of just the two customers", *seen)


@probe("unknown_parameters")
async def unknown_parameters(desk: Desk) -> Sequence[Finding]:
    """What happens to a parameter that nobody knows."""
    usual = await base(desk)
    needed(usual)
    reply = await desk.ask(desk.endpoint(REPORT), limit=ROWS, teamup_doctor=1)
    if reply.ok:
        return [found("unknown_parameters", "ignored", "the answer came all the same", usual, reply)]
    if reply.refused:
        return [found("unknown_parameters", "refused", f"the server answers {reply.status}", usual, reply)]
    raise OpenError(f"the server {answered(reply)}", usual, reply)


@probe("column_names")
async def column_names(desk: Desk) -> Sequence[Finding]:
    """Whether a column is found by its dotted name, or by its flat one only."""
    usual = await base(desk)
    needed(usual)
    seen = [usual]
    for value, name in (("dotted", "customer.id"), ("flat", "customer_id")):
        reply = await desk.ask(desk.endpoint(REPORT), columns=[name], limit=ROWS)
        seen.append(reply)
        if reply.ok and [key.replace(".", "_") for key in reply.keys] == ["customer_id"]:
            return [found("column_names", value, f"{name} brought the column", *seen)]
    raise OpenError("neither name brought the column alone", *seen)


@probe("default_columns")
async def default_columns(desk: Desk) -> Sequence[Finding]:
    """Whether the report has all columns by itself, or keeps some back."""
    report = desk.endpoint(REPORT)
    usual = await base(desk)
    needed(usual)
    present = {report.canonical(key) for key in usual.keys}
    if not present:
        raise OpenError("the answer does not describe its columns", usual)
    missing = [path for path in report.paths if path in report.columns and not _among(path, present)]
    if not missing:
        return [found("default_columns", "all", "all documented columns came unasked", usual)]
    reply = await desk.ask(report, columns=[desk.column(report, missing[0])], limit=ROWS)
    if reply.ok and _among(missing[0], {report.canonical(key) for key in reply.keys}):
        reason = f"{len(missing)} documented columns came only when asked for"
        return [found("default_columns", "few", reason, usual, reply)]
    raise OpenError("some documented columns never came", usual, reply)


def _among(path: str, present: set[str]) -> bool:
    """Whether a column is there, by itself or in an object that came whole."""
    return any(key == path or path.startswith(f"{key}.") for key in present)


@probe("grouped_id_gt")
async def grouped_id_gt(desk: Desk) -> Sequence[Finding]:
    """What ``id_gt`` does where rows have no id."""
    grouped = desk.endpoint("reports.attendances.grouped")
    asked: dict[str, Any] = {"columns": ["status", "count"], "limit": ROWS}
    usual = await desk.ask(grouped, **asked)
    needed(usual)
    reply = await desk.ask(grouped, id_gt=2**31 - 1, **asked)
    if reply.refused:
        return [found("grouped_id_gt", "refused", f"the server answers {reply.status}", usual, reply)]
    if not reply.ok or not usual.rows:
        raise OpenError("there are no groups to compare", usual, reply)
    if not reply.rows:
        return [found("grouped_id_gt", "filters", "no groups are left behind the greatest id", usual, reply)]
    groups = [
        {str([value_at(grouped, row, path) for path in ("status", "count")]) for row in one.rows}
        for one in (usual, reply)
    ]
    if groups[0] == groups[1]:
        return [found("grouped_id_gt", "ignored", "the same groups came with it", usual, reply)]
    raise OpenError("other groups came with it", usual, reply)
