"""The declarations as modules that are loaded when they are first used.

Making their classes takes longer than importing the rest of this package.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .lists import course_sessions
    from .reports import attendance_strikes, attendances, course_session_attendances, instructed_sessions

__all__ = [
    "attendance_strikes",
    "attendances",
    "course_session_attendances",
    "course_sessions",
    "instructed_sessions",
]

_LISTS: Final = frozenset({"course_sessions"})


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f".{'lists' if name in _LISTS else 'reports'}.{name}", __package__)
    globals()[name] = module
    return module
