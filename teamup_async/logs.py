"""What the log lines of this package carry, and a formatter that writes each as one JSON object.

    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.getLogger("teamup_async").addHandler(handler)

The table of loggers is in docs/logging.md.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from ._json import is_object

__all__ = ["JsonFormatter", "about"]

_FIRST: Final = ("account", "endpoint", "position")
"""What each line has, null where there is none."""
_STANDARD: Final = {*vars(logging.makeLogRecord({})), "message", "asctime"}


def about(account: str | None, endpoint: str | None = None, **more: Any) -> dict[str, Any]:
    """The fields of a log line, for ``extra=``: whose it is, which endpoint it is about, and `more` of it."""
    return {"account": account or None, "endpoint": endpoint or None, **more}


class JsonFormatter(logging.Formatter):
    """Writes each log record as one JSON object.

    It has ``time`` (UTC), ``level``, ``logger``, ``message``, ``account``, ``endpoint`` and ``position``, then all else
    that the record carries, and ``exception`` with the traceback where there is one.

    `clean`: a function that each text goes through, to take out what must not be shown. Records of other packages are
    written likewise; what is no JSON is written as its `repr`.
    """

    def __init__(self, clean: Callable[[str], str] = str) -> None:
        super().__init__()
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        """`record` as a line."""
        carried = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **dict.fromkeys(_FIRST),
            **{name: value for name, value in carried.items() if value is not None},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(self._cleaned(line), ensure_ascii=False)

    def _cleaned(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._clean(value).encode("utf-8", "replace").decode()
        if is_object(value):
            return {self._cleaned(str(key)): self._cleaned(each) for key, each in value.items()}
        if type(value) in (list, tuple):
            return [self._cleaned(each) for each in value]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)) and abs(value) < float("inf"):
            return value
        return self._clean(repr(value))
