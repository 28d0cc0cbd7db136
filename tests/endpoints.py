"""Which endpoints tests go through, where all of them would take too long."""

from typing import Any, Final

from teamup_async import Endpoint, endpoint_named

__all__ = ["TYPICAL", "typical"]

TYPICAL: Final[tuple[Endpoint[..., Any], ...]] = tuple(
    map(
        endpoint_named,
        (
            "attendances",
            "attendance_strikes.grouped",
            "course_session_attendances.grouped",
            "instructed_sessions",
            "course_sessions",
        ),
    )
)
"""One of each shape: reports with an id, grouped ones with a pivot, a list."""


def typical(name: str) -> bool:
    """Whether an endpoint of this name is among `TYPICAL`."""
    return any(endpoint.name == name for endpoint in TYPICAL)
