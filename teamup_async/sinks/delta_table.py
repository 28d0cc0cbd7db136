"""One Delta table: what it holds, and commits to it."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import attrs
import pyarrow as pa
from deltalake import (
    CommitProperties,
    DeltaTable,
    QueryBuilder,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from .base import SinkBusyError, SinkError
from .merging import Counts
from .moments import as_moment
from .object_store import Secrets, in_words

__all__ = ["Commit", "Table", "since_in_sql"]

_APP: Final = "teamup_async"
"""Our name in the table's log."""
_NEW_ROWS: Final = ("RESTORE", "CREATE", "REPLACE", "CLONE", "CONVERT")
"""What others do after which the mark of a commit before says nothing of the rows."""
_DRAWN: Final = re.compile(r"\x1b\[[0-9;]*m|[↳│─└├]")


@attrs.frozen
class Commit:
    """A commit of ours: a `number` for what is in it, and the `mark` that goes with the rows."""

    number: int
    mark: dict[str, Any] | None

    def properties(self) -> CommitProperties:
        """What is written into the log with it."""
        return CommitProperties(
            custom_metadata={_APP: json.dumps({"number": self.number, "mark": self.mark})},
            app_transactions=[Transaction(_APP, self.number)],
        )


class Table:
    """The table at `place`, which need not be there yet; `read` reads its files. All failures are `SinkError`."""

    def __init__(
        self,
        place: str,
        *,
        read: Callable[[str], bytes | None],
        remote: bool,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.place = place
        self._read_file = read
        self._uri = re.sub(r"^gcs://", "gs://", place)
        self._options = dict(options or {})
        self._secrets = Secrets(self._options)
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
        if remote and endpoint.startswith("http://"):  # which the user has said, so it is meant
            self._options.setdefault("aws_allow_http", "true")

    def mark(self) -> dict[str, Any] | None:
        """The mark of our latest commit; None where there is none, or where the rows are not those any longer."""
        table = self._open()
        if table is None:
            return None
        for version in range(table.version(), -1, -1):
            info = self._info(version)
            if info is None:
                return None  # the log before was cleaned up
            if _APP in info:
                mark: dict[str, Any] | None = json.loads(info[_APP])["mark"]
                return mark
            mode = str((info.get("operationParameters") or {}).get("mode", "")).strip('"').lower()
            if mode == "overwrite" or str(info.get("operation")).startswith(_NEW_ROWS):
                return None
        return None

    def _info(self, version: int) -> dict[str, Any] | None:
        """What is noted with a commit; None where its file is not there.

        `DeltaTable.history` would read it, too, but lets no other Python thread work meanwhile.
        """
        name = f"_delta_log/{version:020}.json"
        data = self._read_file(name)
        if data is None:
            return None
        try:
            actions = [json.loads(line) for line in data.splitlines() if line.strip()]
            return next((dict(action["commitInfo"]) for action in actions if "commitInfo" in action), {})
        except (ValueError, TypeError):
            raise SinkError(f"cannot read {self.place}/{name}: it is no file of a Delta table") from None

    def has(self, commit: Commit) -> bool:
        """Whether a commit is the latest of the table already: the run that made it did not come to its end."""
        table = self._open()
        if table is None:
            return False
        with self._asking("read"):
            if table.transaction_version(_APP) != commit.number:
                return False
        latest = (self._info(table.version()) or {}).get(_APP)
        return latest is not None and json.loads(latest)["number"] == commit.number

    def schema(self) -> pa.Schema:
        """The columns."""
        with self._asking("read"):
            return pa.schema(self._there().schema().to_arrow())

    def count(self) -> int:
        """How many rows there are."""
        with self._asking("read"):
            return int(self._there().count())

    def rows(self, order: str | None = None) -> Iterator[pa.RecordBatch]:
        """The rows that are there now; none where there is no table. They are read when they are asked for."""
        return self._read(self._open(), order)

    def _read(self, table: DeltaTable | None, order: str | None) -> Generator[pa.RecordBatch]:
        if table is None:
            return
        with self._asking("read"):
            ordered = f" ORDER BY {_quoted(order)}" if order else ""
            found = QueryBuilder().register("rows", table).execute(f"SELECT * FROM rows{ordered}")
            yield from pa.RecordBatchReader.from_stream(found)

    def overwrite(
        self, shape: pa.Schema, rows: Iterable[pa.RecordBatch], commit: Commit, properties: Mapping[str, Any]
    ) -> None:
        """Replace all rows, and the columns."""
        failed: list[Exception] = []

        def watched() -> Generator[pa.RecordBatch]:
            try:
                yield from rows
            except Exception as error:  # deltalake would only repeat its text
                failed.append(error)
                raise

        try:
            with self._asking("write"):
                write_deltalake(
                    self._uri,
                    pa.RecordBatchReader.from_batches(shape, watched()),
                    mode="overwrite",
                    schema_mode="overwrite",
                    storage_options=self._options or None,
                    writer_properties=_writer(properties),
                    commit_properties=commit.properties(),
                )
        except SinkError as error:
            if failed and isinstance(failed[0], SinkError):
                raise failed[0] from None
            raise error from None

    def merge(
        self,
        rows: pa.Table,
        commit: Commit,
        properties: Mapping[str, Any],
        *,
        there: Collection[str],
        gone: str | None,
        counts: Counts,
    ) -> None:
        """Merge `rows` by id; `there` are the columns before. Other rows that meet the condition `gone` are removed."""
        differs = " OR ".join(
            f"(t.{_quoted(name)} IS DISTINCT FROM s.{_quoted(name)})"
            if name in there
            else f"(s.{_quoted(name)} IS NOT NULL)"
            for name in rows.schema.names
        )
        with self._asking("write"):
            merger = (
                self._there()
                .merge(
                    rows,
                    "t.id = s.id",
                    source_alias="s",
                    target_alias="t",
                    merge_schema=len(there) < len(rows.schema.names),
                    writer_properties=_writer(properties),
                    commit_properties=commit.properties(),
                )
                .when_matched_update_all(predicate=differs)
                .when_not_matched_insert_all()
            )
            if gone is not None:
                merger = merger.when_not_matched_by_source_delete(predicate=gone)
            done = merger.execute()
            table = self._there()
            if table.transaction_version(_APP) != commit.number and self.mark() != commit.mark:
                # No row has changed, so nothing was committed; but things are known to be further now.
                table.create_write_transaction(
                    [], "append", table.schema(), commit_properties=commit.properties()
                )
        counts.new = int(done["num_target_rows_inserted"])
        counts.changed = int(done["num_target_rows_updated"])
        counts.removed = int(done["num_target_rows_deleted"])
        counts.rows = self.count()

    def _open(self) -> DeltaTable | None:
        with self._asking("read"):
            try:
                return DeltaTable(self._uri, storage_options=self._options or None)
            except TableNotFoundError:
                return None

    def _there(self) -> DeltaTable:
        table = self._open()
        if table is None:
            raise SinkError(f"cannot write {self.place}: the table is gone; read everything again (--full)")
        return table

    @contextmanager
    def _asking(self, verb: str) -> Generator[None]:
        try:
            yield
        except SinkError:
            raise
        except CommitFailedError as error:
            raise SinkBusyError(
                f"another program has changed {self.place} while this run was writing to it: start again to go on "
                f"({self._secrets.without(str(error))})"
            ) from None
        except Exception as error:  # noqa: BLE001 - deltalake raises errors of several families
            text = _DRAWN.sub(" ", str(error))
            raise in_words(type(error)(text), self._secrets, f"{verb} {self.place}") from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def since_in_sql(since: tuple[str, str], *, nested: bool) -> str:
    """SQL for rows at or after a time."""
    names = since[0].split(".") if nested else [since[0]]
    column = ".".join(["t", *map(_quoted, names)])
    return f"{column} >= '{as_moment(since[1]).isoformat()}'"


def _writer(properties: Mapping[str, Any]) -> WriterProperties:
    compression: Any = str(properties["compression"]).upper()
    return WriterProperties(
        compression="UNCOMPRESSED" if compression == "NONE" else compression,
        compression_level=properties["level"],
        max_row_group_size=properties["row_group"],
    )
