"""A shard written into files, whole or not at all: a task that is repeated writes the same files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Self, Unpack

import attrs

from .._background import background
from .._bulk.result import PullResult
from ..errors import ConfigurationError
from ..sinks.files import FileSink
from ..sinks.locations import Folder, written
from ..sinks.named import sink_named
from ..sinks.state_file import sync_folder
from .shards import Shard, ShardOptions, opened
from .sources import AccountSource

__all__ = ["Written", "write"]

_HOME: Final = ".teamup-shards"
"""The folder for what is not finished, beside the accounts' folders."""


@attrs.frozen(kw_only=True)
class Written:
    """What a task wrote: `rows` and `files` by the id of each part. JSON-able and picklable.

    `requests` is how many it sent, `resumed` how many rows an attempt that came to nothing had read before.
    """

    shard: int
    rows: Mapping[str, int]
    files: Mapping[str, str]
    requests: int = 0
    resumed: int = 0
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The values as JSON has them."""
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """What `to_json` described."""
        made: dict[str, Any] = {**values, "notes": tuple(values["notes"])}
        return cls(**made)


def write(shard: Shard, accounts: AccountSource, to: str, **options: Unpack[ShardOptions]) -> Written:
    """Pull a shard into files: ``<to>/<account>/<name>.parquet``, and so on.

    Args:
        shard: What to read.
        accounts: Where accounts come from, on this machine.
        to: ``FORMAT:FOLDER``, such as ``parquet:/lake/teamup``: a folder that all workers see, or one on each.
        options: See `teamup_async.bulk.shards.ShardOptions`.

    The files appear when all of the shard is read, each at once; a reader never sees half a file. An attempt that came
    to nothing leaves what it read, and the next one at the same folder goes on with it. While another attempt works on
    the same shard there, this one is refused.

    Raises `ConfigurationError`, `SinkBusyError`, `SinkError`, or an `ExceptionGroup` of what went wrong with accounts.
    """
    sink = sink_named(to)
    if not isinstance(sink, FileSink) or sink.single or not isinstance(sink.location, Folder):
        raise ConfigurationError(
            f"shards are written into folders of files that all workers see, not into {sink.name}: give parquet:FOLDER"
        )
    folder = sink.location.path
    # The same for the same shard, so that a repeated task finds what the one before it left.
    stage = folder / _HOME / shard.id

    async def pull() -> PullResult:
        async with opened(shard, accounts, options) as bulk:
            return await bulk.run(shard.plan, into=f"{sink.format}:{stage}", raise_on_error=True)

    result = background().run(pull)
    files: dict[str, str] = {}
    with written(folder):
        for part in shard.plan:
            made, path = (
                Path(home, *(() if part.account is None else (part.account,)), f"{part.name}{sink.suffix}")
                for home in (stage, folder)
            )
            path.parent.mkdir(parents=True, exist_ok=True)
            made.replace(path)
            sync_folder(path.parent)
            files[part.id] = str(path)
        shutil.rmtree(stage, ignore_errors=True)
        with suppress(OSError):
            stage.parent.rmdir()
    return Written(
        shard=shard.index,
        rows={part.part.id: part.rows for part in result.parts},
        files=files,
        requests=sum(part.stats.requests for part in result.parts),
        resumed=sum(part.resumed for part in result.parts),
        notes=result.notes,
    )
