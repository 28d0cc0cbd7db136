"""`RowStream` and `ExportJob` for code that is not async."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from .. import exports, methods, stream
from .._background import Background
from .._decoding.export_file import read_rows
from ..endpoint import Endpoint
from ..query import Query
from .waiting import Items, again, spoken, waits

if TYPE_CHECKING:
    from .._walking.record import Integrity
    from ..page import Page
    from ..sinks.naming import Names
    from ..stats import Stats

__all__ = ["ExportJob", "RetrievableList", "RowStream"]

P = ParamSpec("P")
Row = TypeVar("Row")

_Stream = stream.RowStream[Any]
_Job = exports.ExportJob[Any]


class RowStream(Generic[Row]):
    """The rows of one query, as `teamup_async.RowStream` has them. Nothing is sent until it is iterated or asked.

    Each ``for`` begins a new walk. Leaving one early ends its requests; to wait until they have ended, use
    ``with stream as rows``.
    """

    def __init__(self, its: stream.RowStream[Row], opened: Callable[[], Background]) -> None:
        self._stream = its
        self._open = opened
        self._entered: list[tuple[Items[Page[Row]], Iterator[Row]]] = []

    def __repr__(self) -> str:
        return repr(self._stream)

    @property
    def _background(self) -> Background:
        return self._open()

    @property
    def _its(self) -> stream.RowStream[Row]:
        self._open()
        return self._stream

    @property
    def endpoint(self) -> Endpoint[..., Row]:
        """The endpoint."""
        return self._stream.endpoint

    @property
    def query(self) -> Query[Row]:
        """The query."""
        return self._stream.query

    @property
    def stats(self) -> Stats:
        """What the latest walk of this stream has done so far."""
        return self._stream.stats

    @property
    def integrity(self) -> Integrity:
        """What the latest walk of this stream has checked so far."""
        return self._stream.integrity

    @property
    def unknown_fields(self) -> dict[str, int]:
        """Fields that TeamUp sent in the latest walk and the row class does not know."""
        return self._stream.unknown_fields

    paged = again(_Stream.paged)
    up_to = again(_Stream.up_to)
    count = waits(_Stream.count)
    to_arrow = waits(_Stream.to_arrow)
    to_pandas = waits(_Stream.to_pandas)
    to_polars = waits(_Stream.to_polars)

    def __iter__(self) -> Generator[Row]:
        return _rows(self.pages())

    def __enter__(self) -> Iterator[Row]:
        pages = self.pages()
        self._entered.append((pages, _rows(pages)))
        return self._entered[-1][1]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered.pop()[0].close()

    def pages(self) -> Items[Page[Row]]:
        """The pages of a new walk, to be used with ``for``."""
        return self._items(self._stream.pages)

    def batches(self, rows: int = 10_000, *, nested: bool = False, names: Names = "dotted") -> Items[Any]:
        return self._items(lambda: self._stream.batches(rows, nested=nested, names=names))

    def first(self) -> Row | None:
        """The first row, or None if there is none; one small request."""
        return self._background.run(self._stream.first)

    def collect(self, limit: int | None = None) -> list[Row]:
        """All rows in a list, or the first `limit` of them."""
        return self._background.run(lambda: self._stream.collect(limit))

    def export(self, *, format: exports.ExportFormat = "csv") -> ExportJob[Row]:  # noqa: A002 - the API's word
        job = self._background.run(lambda: self._stream.export(format=format))
        return ExportJob(job, self._open)

    batches.__doc__ = spoken(_Stream.batches.__doc__ or "")
    export.__doc__ = spoken(_Stream.export.__doc__ or "")

    def _items(self, make: Callable[[], Any]) -> Items[Any]:
        async def made() -> Any:
            return make()

        there = self._background
        return Items(there, there.run(made), self)


def _rows(pages: Items[Page[Row]]) -> Generator[Row]:
    """The rows of pages: they come from the loop's thread a page at a time."""
    try:
        for page in pages:
            yield from page.rows
    finally:
        pages.drop()


class ExportJob(Generic[Row]):
    """A job at TeamUp that writes one report into one file; see `teamup_async.ExportJob`."""

    def __init__(self, its: exports.ExportJob[Row], opened: Callable[[], Background]) -> None:
        self._job = its
        self._open = opened

    def __repr__(self) -> str:
        return repr(self._job)

    @property
    def _background(self) -> Background:
        return self._open()

    @property
    def _its(self) -> exports.ExportJob[Row]:
        self._open()
        return self._job

    @property
    def id(self) -> int:
        """The job's number."""
        return self._job.id

    @property
    def endpoint(self) -> Endpoint[..., Row]:
        """The report."""
        return self._job.endpoint

    @property
    def format(self) -> exports.ExportFormat:
        """``"csv"`` or ``"json"``."""
        return self._job.format

    def to_json(self) -> dict[str, Any]:
        """What `TeamUp.export_job` goes on from, also in another process."""
        return self._job.to_json()

    wait = waits(_Job.wait)
    download = waits(_Job.download)

    def rows(
        self, path: str | os.PathLike[str] | None = None, *, timeout: float | None = None
    ) -> Iterator[Row]:
        with tempfile.TemporaryDirectory() as folder:
            if path is None:
                path = self.download(Path(folder) / f"export.{self.format}", timeout=timeout)
            yield from read_rows(self.endpoint, Path(path), self.format)

    rows.__doc__ = spoken(_Job.rows.__doc__ or "")


class RetrievableList(methods.RetrievableList[P, Row]):
    """A list as a method of a client: call it with filters for a `RowStream`, or `get` one object."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> RowStream[Row]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """A stream of the rows that pass these filters. Raises `QueryError` for what can't be sent."""
        client: Any = self._streams
        made: RowStream[Row] = client.stream(self._endpoint, *args, **kwargs)
        return made

    def get(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, object_id: int, /, *, expand: Sequence[str] | None = None, fields: Sequence[str] | None = None
    ) -> Row:
        client: Any = self._streams
        found: Row = client.retrieve(self._endpoint, object_id, expand=expand, fields=fields)
        return found

    get.__doc__ = methods.RetrievableList[..., Any].get.__doc__
