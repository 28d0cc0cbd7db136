"""Options of how the pages of one report are walked, and how far."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

import json
from typing import Annotated, Any, Literal

import attrs
from cyclopts import Parameter

from ..envelope import MAX_PAGE_SIZE
from ..errors import QueryError
from .options import WALKING

__all__ = ["TABLE_ROWS", "Walking"]

TABLE_ROWS = 20
"""Rows of a table unless --limit says otherwise."""


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Walking:
    """How the pages of one report are walked, and how far."""

    limit: Annotated[
        int | None,
        Parameter(
            group=WALKING,
            metavar="INT",
            help=f"Stop after this many rows (a table has {TABLE_ROWS} unless this says otherwise).",
        ),
    ] = None
    by: Annotated[
        Literal["offset", "page", "id"] | None,
        Parameter(group=WALKING, help="Kind of paging; `teamup reports REPORT` says which there are."),
    ] = None
    size: Annotated[
        int | None,
        Parameter(
            group=WALKING,
            metavar="INT",
            help=f"Rows a page, 1 to {MAX_PAGE_SIZE} (default: {MAX_PAGE_SIZE}).",
        ),
    ] = None
    window: Annotated[
        int | None,
        Parameter(
            group=WALKING,
            metavar="INT",
            help="Pages fetched ahead at most (default: four times --concurrency).",
        ),
    ] = None
    on_drift: Annotated[
        Literal["heal", "raise", "warn"] | None,
        Parameter(
            group=WALKING,
            help=(
                "When rows come or go meanwhile: heal (default: read on so that each row comes once, or fail), raise "
                "(fail at once), warn (go on, and say so)."
            ),
        ),
    ] = None
    thrifty: Annotated[
        bool | None,
        Parameter(
            group=WALKING,
            help="Take the fewest requests, one after the other (default: where the quota bounds the run).",
        ),
    ] = None
    confirm: Annotated[
        bool | None,
        Parameter(
            group=WALKING,
            negative="",
            help="Read everything again until two readings agree, for reports whose counts change meanwhile.",
        ),
    ] = None
    start: Annotated[
        str | None,
        Parameter(
            group=WALKING, metavar="JSON", help="The position to go on from, as a failed run printed it."
        ),
    ] = None

    def given(self) -> list[str]:
        """The names of the options that were given."""
        return [name for name, value in attrs.asdict(self).items() if value is not None]

    def most(self, default: int | None) -> int | None:
        """Rows at most, `default` unless asked otherwise. Raises `QueryError`."""
        if self.limit is None:
            return default
        if self.limit < 1:
            raise QueryError(
                f"limit must be 1 or more, not {self.limit}", parameter="limit", value=self.limit
            )
        return self.limit

    def options(self) -> dict[str, Any]:
        """The keyword arguments of `RowStream.paged`. Raises `QueryError`."""
        given = {k: v for k, v in attrs.asdict(self).items() if v is not None and k != "limit"}
        if self.start is not None:
            try:
                given["start"] = json.loads(self.start)
            except ValueError:
                given["start"] = None
            if not isinstance(given["start"], dict):
                raise QueryError(
                    "start must be the JSON object that a failed run printed",
                    parameter="start",
                    value=self.start,
                )
        return given
