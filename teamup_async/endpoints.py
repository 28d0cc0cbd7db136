"""All declared endpoints. A new one is added here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from .endpoint import Endpoint
from .errors import QueryError, nearest
from .lists.course_sessions import COURSE_SESSIONS
from .reports.attendance_strikes import ATTENDANCE_STRIKES_GROUPED
from .reports.attendances import ATTENDANCES
from .reports.course_session_attendances import COURSE_SESSION_ATTENDANCES_GROUPED
from .reports.instructed_sessions import INSTRUCTED_SESSIONS

__all__ = ["ENDPOINTS", "endpoint_named"]

ENDPOINTS: Final[tuple[Endpoint[..., Any], ...]] = (
    ATTENDANCES,
    ATTENDANCE_STRIKES_GROUPED,
    COURSE_SESSION_ATTENDANCES_GROUPED,
    INSTRUCTED_SESSIONS,
    COURSE_SESSIONS,
)


def endpoint_named(name: str, among: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> Endpoint[..., Any]:
    """The endpoint called `name`; dashes, underscores and dots are alike. Raises `QueryError`."""
    known = {endpoint.python_name: endpoint for endpoint in among}
    wanted = name.strip().lower().replace("-", "_").replace(".", "_")
    if wanted in known:
        return known[wanted]
    names = [endpoint.command_name for endpoint in known.values()]
    near = nearest(wanted.replace("_", "-"), names)
    hint = f"; did you mean {near!r}?" if near else "."
    raise QueryError(
        f"There is no report called {name!r}{hint} Known: {', '.join(names)}",
        parameter="report",
        value=name,
        allowed=names,
        suggestion=near,
    )
