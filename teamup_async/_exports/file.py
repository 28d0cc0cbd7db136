"""The file of an export job: whether it is there, how it is fetched, and whether it is whole.

No document says when a ``result_url`` answers; hence the checks.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final

import attrs

from .._decoding.export_file import Format, count_rows
from .._http.download import Fetched
from .._http.requester import Requester
from ..errors import ConnectionFailedError, ExportError, RequestTimeoutError
from .job import pauses

__all__ = ["MOST", "ResultFile", "appearing"]

MOST: Final = 16 * 1024**3
"""Bytes of the largest file that is taken, unless told otherwise."""
_NOT_YET: Final = frozenset({202, 204, 403, 404, 409, 425, 429, 500, 502, 503, 504})
"""What a ``result_url`` may answer before its file is there. No document says which."""


@attrs.frozen
class ResultFile:
    """The file at the `url` of the job with this number; the token is sent to the origin of ``base_url`` only."""

    job: int
    url: str
    requester: Requester

    async def is_there(self) -> bool:
        """Whether a file is there, as far as can be told now; its first bytes are enough."""
        try:
            fetched = await self.requester.fetch(self.url, None, most=MOST)
        except (ConnectionFailedError, RequestTimeoutError):
            return False
        return fetched.status == 200 and bool(fetched.start) and not _is_html(fetched)

    async def fetch(self, file: BinaryIO, *, patience: float, most: int) -> Fetched:
        """Write it into `file`; one that is not there yet, or was cut short, is asked for again for `patience` seconds.

        Raises `ExportError`, and what a request raises.
        """
        requester = self.requester
        began = requester.now()
        pausing = pauses()
        while True:
            pause = next(pausing)
            failure: Exception | None = None
            fetched: Fetched | None = None
            try:
                fetched = await requester.fetch(self.url, file.write, most=most)
            except (ConnectionFailedError, RequestTimeoutError) as error:
                failure = error
            if fetched is not None and fetched.status == 200 and fetched.size and not _is_html(fetched):
                return fetched
            file.seek(0)
            file.truncate()
            final = fetched is not None and fetched.status not in _NOT_YET | {200}
            if final or requester.now() + pause - began > patience:
                raise failure or self._missing(fetched)
            await requester.sleep(pause)

    def check(self, fetched: Fetched, path: Path, form: Format, items: int | None) -> None:
        """Raise `ExportError` where what was fetched ends in the middle, or has not as many rows as there are items."""
        try:
            rows = count_rows(path, form, framed=fetched.framed)
        except ValueError as error:
            raise ExportError(
                f"export job {self.job}: the file was cut short: {error}", job=self.job
            ) from None
        if items is not None and rows != items:
            raise ExportError(
                f"export job {self.job}: the file has {rows:,} rows, but TeamUp counts {items:,} items; "
                "where items are something else than rows, download with check=False",
                job=self.job,
            )

    def _missing(self, fetched: Fetched | None) -> ExportError:
        assert fetched is not None
        if fetched.status != 200:
            said = f"answers {fetched.status}"
        elif not fetched.size:
            said = "answers with nothing"
        else:
            said = "answers with an HTML page instead of a file"
        return ExportError(f"export job {self.job}: its result_url {said}", job=self.job)


def _is_html(fetched: Fetched) -> bool:
    return "html" in fetched.content_type or fetched.start.lstrip()[:1] == b"<"


@contextmanager
def appearing(target: Path) -> Generator[BinaryIO]:
    """A file that becomes `target` when the block ends well, and is gone otherwise."""
    part = target.with_name(f".{target.name}.{token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
