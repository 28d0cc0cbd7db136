"""The reports, one file each: row, query and endpoint of a report, and of its grouped twin.

Every row and query class can be imported from here; a file is loaded when one of its names is used.
"""

from typing import TYPE_CHECKING, Final

from .._lazy import loader

if TYPE_CHECKING:
    from .attendance_strikes import *
    from .attendances import *
    from .course_session_attendances import *
    from .instructed_sessions import *

FILES: Final = {
    "attendances": ("ATTENDANCES",),  # what people try first; the others by name
    "attendance_strikes": ("ATTENDANCE_STRIKES_GROUPED",),
    "course_session_attendances": ("COURSE_SESSION_ATTENDANCES_GROUPED",),
    "instructed_sessions": ("INSTRUCTED_SESSIONS",),
}
"""The table of reports: the endpoints that each file declares. A new report is a file and a line here."""

__getattr__ = loader(__name__, FILES)
