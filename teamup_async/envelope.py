"""How endpoints wrap their rows and how they page: reports one way, lists another."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from .query import Parameter

__all__ = ["LIST", "MAX_PAGE_SIZE", "REPORT", "REPORT_WITHOUT_LIMITS", "By", "Envelope"]

By = Literal["offset", "page", "id"]

MAX_PAGE_SIZE: Final = 100
"""Rows a page, in every document."""


@attrs.frozen(kw_only=True)
class Envelope:
    """How an endpoint wraps its rows, and how it pages. `name` says whether it is a report or a list.

    `rows` and `total` are the keys in the answer, and `headed` says whether it describes its columns itself
    (``column_headers``). `paging` are its own parameters, `pagings` the ways to page with them, the default
    first. `past_the_end` is what a page behind the last row answers: no rows, or status 404.
    """

    name: Literal["report", "list"]
    rows: str
    total: str
    headed: bool
    paging: tuple[Parameter, ...]
    pagings: tuple[By, ...]
    past_the_end: Literal["empty", "not_found"] = "empty"


REPORT: Final = Envelope(
    name="report",
    rows="rows",
    total="total",
    headed=True,
    pagings=("offset", "page"),
    paging=(
        Parameter(
            name="format",
            kind="string",
            enum=("csv", "json"),
            default="csv",
            min_length=1,
            description="Form of the answer.",
        ),
        Parameter(
            name="limit", kind="integer", default=50, maximum=MAX_PAGE_SIZE, description="Rows a page."
        ),
        Parameter(name="offset", kind="integer", default=0, minimum=0, description="Rows to leave out."),
        Parameter(name="page", kind="integer", minimum=1, description="Page of rows to return."),
        Parameter(
            name="page_size", kind="integer", minimum=0, maximum=MAX_PAGE_SIZE, description="Rows a page."
        ),
    ),
)
"""``{total, column_headers, rows}``. API documents: all "Report - Data" pages."""

REPORT_WITHOUT_LIMITS: Final = attrs.evolve(
    REPORT,
    paging=tuple(
        attrs.evolve(parameter, maximum=None, minimum=None)
        if parameter.name in ("limit", "offset")
        else parameter
        for parameter in REPORT.paging
    ),
)
"""A report whose document states no bounds for ``limit`` and ``offset``."""

LIST: Final = Envelope(
    name="list",
    rows="results",
    total="count",
    headed=False,
    pagings=("page",),
    past_the_end="not_found",
    paging=(
        Parameter(name="format", kind="string", enum=("json", "xml"), description="Form of the answer."),
        Parameter(name="page", kind="integer", description="Page of objects to return."),
        Parameter(name="page_size", kind="integer", maximum=MAX_PAGE_SIZE, description="Objects a page."),
    ),
)
"""``{count, next, previous, results}``. API document: guide "pagination"."""
