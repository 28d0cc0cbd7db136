"""The lists that TeamUp offers, one file each: row, query and endpoint.

Every row and query class can be imported from here; a file is loaded when one of its names is used.
"""

from typing import TYPE_CHECKING, Final

from .._lazy import loader

if TYPE_CHECKING:
    from .course_sessions import *

FILES: Final = {
    "course_sessions": ("COURSE_SESSIONS",),
}
"""The table of lists: the endpoints that each file declares. A new list is a file and a line here."""

__getattr__ = loader(__name__, FILES)
