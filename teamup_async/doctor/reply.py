"""An answer as a probe looks at it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
import msgspec

from .._json import is_array, is_object
from ..endpoint import Endpoint

__all__ = ["ABSENT", "Reply", "value_at"]


class _Absent:
    """Nothing there; only `ABSENT` is one."""


ABSENT: Final[Any] = _Absent()
"""What `value_at` gives where a row has no such column."""


@attrs.frozen
class Reply:
    """What came back to one request.

    `asked` is the request in words, `status` 0 where nothing came back; then `problem` says why. `coding` is the
    ``Content-Encoding``, `after` the ``Retry-After``.
    """

    asked: str
    status: int = 0
    kind: str = ""
    coding: str = ""
    after: str = ""
    body: bytes = attrs.field(default=b"", repr=False)
    problem: str = ""
    data: Any = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        try:
            data = msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            data = None
        object.__setattr__(self, "data", data)

    @property
    def ok(self) -> bool:
        """Whether it is a page of rows."""
        return self.status == 200 and self._rows is not None

    @property
    def refused(self) -> bool:
        """Whether the server refused the request as such."""
        return 400 <= self.status < 500 and self.status not in (401, 403, 429)

    @property
    def _rows(self) -> list[Any] | None:
        if not is_object(self.data):
            return None
        rows = self.data.get("rows", self.data.get("results"))
        return rows if is_array(rows) and all(map(is_object, rows)) else None

    @property
    def rows(self) -> Sequence[dict[str, Any]]:
        """The rows of the page; none where it is no page."""
        return self._rows or ()

    @property
    def total(self) -> int | None:
        """What the answer says of the number of rows."""
        total = self.data.get("total", self.data.get("count")) if is_object(self.data) else None
        return total if isinstance(total, int) else None

    @property
    def columns(self) -> Sequence[tuple[str, str]]:
        """Key and label of each column that the answer describes."""
        headers: Any = self.data.get("column_headers") if is_object(self.data) else None
        if not is_array(headers):
            return ()
        return [(str(header.get("key")), str(header.get("label"))) for header in headers if is_object(header)]

    @property
    def keys(self) -> Sequence[str]:
        """The keys of the columns that the answer describes."""
        return [key for key, _ in self.columns]

    @property
    def ids(self) -> list[int]:
        """The ids of its rows, where they have any."""
        return [row["id"] for row in self.rows if isinstance(row.get("id"), int)]

    def __str__(self) -> str:
        if not self.status:
            return f"{self.asked}: {self.problem}"
        rows = f"{len(self.rows)} row{'' if len(self.rows) == 1 else 's'}"
        shape = f", {rows}" if self.ok else (f", {self.kind}" if self.status == 200 else "")
        return f"{self.asked}: {self.status}{shape}"


def value_at(endpoint: Endpoint[..., Any], row: Any, path: str) -> Any:
    """The value of a column in a row, whatever the row calls it; `ABSENT` where it has none."""
    flat = [alias for alias, full in endpoint.aliases.items() if full == path]
    for name in (path, *flat, path.replace(".", "_")):
        if name in row:
            return row[name]
    value = row
    for part in path.split("."):
        if value is None:
            return None
        if not is_object(value) or part not in value:
            return ABSENT
        value = value[part]
    return value
