"""``teamup count REPORT``: how many rows a report has, in one or two small requests."""

# No `from __future__ import annotations`: cyclopts reads these annotations, and attrs keeps them as they are written.

from typing import Any

from cyclopts import App

from ..command import Command
from ..connection import Connection, Verbosity, situation
from ..filters import filter_options, with_options
from ..line import Line, report_argument
from ..options import What
from ..requests import asked
from ..running import execute

__all__ = ["build"]


def build(line: Line) -> App:
    """The command, with the filters of the report that `line` names."""
    made = Command(name="count", help_format="plaintext")

    def count(
        report: str,
        /,
        *,
        what: What = What(),
        connection: Connection = Connection(),
        verbosity: Verbosity = Verbosity(),
        **filters: Any,
    ) -> int:
        async def work() -> int:
            (one,) = asked(line, [report], filters, what.zoned(connection))
            async with connection.client() as teamup:
                print(await teamup.stream(one.endpoint, one.query).count())
            return 0

        return execute(work(), situation(connection, verbosity))

    count.__annotations__["report"] = report_argument(line)
    made.default(with_options(count, filter_options(line.named)))
    return made
