"""Sinks that are files: stages that only grow, a state beside them, and targets that appear whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

from ..errors import ConfigurationError
from .base import Batch, Extra, SinkError, State, Target
from .history import add
from .locations import Grown, located, stage_name, written
from .lock import Wait
from .naming import Names, check_names, named
from .schema import Schema, with_extra
from .table import SINKS

__all__ = ["FileSink"]

_FORMAT = 2
"""Version of the state file."""
RUNS: Final = ".teamup-runs.json"
"""The runs that a folder remembers. Readers of whole folders pass over names that begin with a dot."""


class FileSink(ABC):
    """Files in a folder, one for each target: ``<folder>/<name><suffix>``, or ``<folder>/<account>/<name><suffix>``.

    A `path` that ends in the format's suffix is the file itself, for a pull of one target. While a pull is
    unfinished, its stages and its state are in ``<folder>/.teamup`` (``<file>.part`` for a single file). An address
    (``s3://bucket/teamup/``) is a folder or file of an object store; `storage_options` are for the package that reaches
    it (``{"profile": "work"}``), and need not say what the environment says. `wait` is how many seconds to wait for
    another run; `extra` ``"keep"`` adds a column ``extra`` for fields that the row class does not know; `names`
    ``"snake"`` calls columns ``customer_name`` instead of ``customer.name``; `notes` says what changed in the columns
    of files of the latest run.
    """

    nested: bool = False
    """Whether objects stay objects, so that their fields are no columns."""
    format: ClassVar[str]
    suffix: ClassVar[str]
    several: ClassVar[bool] = False
    """Whether one file can have several targets."""
    folders: ClassVar[bool] = False
    """Whether each target is a folder."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        wait: float = 0.0,
        extra: Extra = "drop",
        names: Names = "dotted",
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.location = located(path, SINKS[self.format].endings, self.format, storage_options)
        self.extra = extra
        self.names: Names = check_names(names)
        self.wait = wait
        self.notes: list[str] = []
        self._waiting = Wait(self.location.pause)
        self._sizes: dict[str, int] = {}
        self._columns: dict[str, str] = {}
        self.remembered: dict[str, Any] = {}
        """What a format must know to go on, saved with the state; JSON-able."""

    @property
    def name(self) -> str:
        """The format and the path."""
        return f"{self.format}:{self.location.name}"

    @property
    def single(self) -> bool:
        """Whether it is one file, not a folder."""
        return self.location.single

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.location.name}>"

    def batch(self, schema: Schema) -> Batch:
        """An empty batch."""
        return self.make_batch(self.columns(schema))

    @abstractmethod
    def make_batch(self, schema: Schema) -> Batch:
        """An empty batch for exactly these columns."""

    def columns(self, schema: Schema) -> Schema:
        """The columns that are written, by their names: those of `schema`, and ``extra`` where that is kept.

        Raises `QueryError` where two would have the same name.
        """
        kept = with_extra(schema) if self.extra == "keep" else schema
        return named(kept, self.names, self.nested)

    @abstractmethod
    def encode(self, batch: Batch, *, first: bool) -> bytes | memoryview:
        """What to add to a stage; `first` if the stage is empty."""

    @abstractmethod
    def assemble(self, file: BinaryIO, schema: Schema, stages: Sequence[Path]) -> None:
        """Write the target, from stages in this order."""

    def open(self, targets: Sequence[Target]) -> State:
        """Take the folder and give the state last saved; stages are cut back to it.

        Raises `ConfigurationError` for several targets in one file.
        """
        if self.single and len(targets) > 1 and not self.several:
            raise ConfigurationError(
                f"{self.location.name} is one file, but the pull has {len(targets)} targets: give a folder"
            )
        self.location.check([self.key_of(target) for target in targets], folders=self.folders)
        self._waiting.restart()
        self._waiting.until(self.location.acquire, self.wait)
        self.notes.clear()
        try:
            return self._load()
        except BaseException:
            self.location.release()
            raise

    def is_there(self) -> bool:
        """Whether the folder or file is there yet."""
        return self.location.is_there()

    def interrupt(self) -> None:
        """End waiting for another run; may be called from any thread."""
        self._waiting.stop()

    def append(self, part: str, batch: Batch, state: State) -> None:
        """Add to the stage of `part`, to the disk, then save `state`."""
        size = self._sizes.get(part, 0)
        if size == 0:
            self._columns[part] = _digest(batch.schema)
        self._check_columns(part, batch.schema)
        data = self.encode(batch, first=size == 0)
        stage = self._stage(part)
        with written(stage), stage.open("r+b" if size else "wb") as file:
            try:
                file.seek(size)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(size)
                raise
        self._sizes[part] = size + len(data)
        try:
            self._write_state(state, Grown(stage.name, size, data))
        except SinkError:
            self._sizes[part] = size
            raise

    def save(self, state: State) -> None:
        """Save `state` and drop the stages it does not name."""
        named = state.get("parts", {})
        self._sizes = {part: size for part, size in self._sizes.items() if part in named}
        self._write_state(state)
        self._clean()

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: State) -> str:
        """Write the target beside the one that is there, then move it over that."""
        schema = self.columns(schema)
        stages = self.stages(parts, schema)
        return self.replace(target, parts, state, lambda file: self.assemble(file, schema, stages))

    def stages(self, parts: Sequence[str], schema: Schema) -> list[Path]:
        """The stages of parts, in this order, where there are any."""
        there = [name for name in parts if name in self._sizes]
        for name in there:
            self._check_columns(name, schema)
        return self.stages_of(there)

    def stages_of(self, parts: Sequence[str]) -> list[Path]:
        """The stages of parts that have one, in this order."""
        return list(map(self._stage, parts))

    @property
    def home(self) -> Path:
        """The folder of what is not finished."""
        return self.location.home

    def keep(self, state: State) -> None:
        """Make `state` safe, with all stages."""
        self._write_state(state)

    def _check_columns(self, part: str, schema: Schema) -> None:
        """Make sure that a stage has the columns of `schema`: an older version may have begun it."""
        if self._columns.get(part) != _digest(schema):
            raise SinkError(
                f"{self.location.unfinished} holds an unfinished pull with other columns; start anew with restart"
            )

    def replace(
        self, target: Target, parts: Sequence[str], state: State, write: Callable[[BinaryIO], None]
    ) -> str:
        """Put what `write` writes at the target's path, then drop the stages of `parts` and save `state`."""
        key = self.key_of(target)
        made = self.location.home / "target"
        with written(self.location.place_of(key)):
            try:
                with made.open("wb") as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
                self.location.put(made, key)
            except BaseException:
                # A disk that is full needs the room, and the stages have all rows.
                with contextlib.suppress(OSError):
                    made.unlink(missing_ok=True)
                raise
        self.drop(parts, state)
        return self.location.place_of(key)

    def drop(self, parts: Sequence[str], state: State) -> None:
        """Drop the stages of `parts`, and save `state`."""
        for name in parts:
            self._sizes.pop(name, None)
        self._write_state(state)
        self._clean()

    def remember(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Keep `run` in a file of the folder; a single file remembers nothing."""
        if self.single:
            return []
        try:
            before = json.loads(self.location.note(RUNS) or b"null")
        except ValueError:
            before = None  # somebody has spoilt it
        history, earlier = add(before, run)
        self.location.put_note(RUNS, json.dumps(history).encode())
        return earlier

    def close(self) -> None:
        """Let the folder go; nothing of a finished pull stays behind."""
        self.location.close()

    def key_of(self, target: Target) -> str:
        """What a target is called in the folder."""
        name = f"{target.name}{self.suffix}"
        return name if target.account is None else f"{target.account}/{name}"

    def _stage(self, part: str) -> Path:
        return self.location.home / stage_name(part)

    def _load(self) -> State:
        state = dict(self.location.load())
        if state and state.pop("format", None) != _FORMAT:
            raise SinkError(
                f"{self.location.unfinished} was written by another version; start anew with restart"
            )
        self._sizes, self._columns = dict(state.pop("sizes", {})), dict(state.pop("columns", {}))
        self.remembered = dict(state.pop("own", {}))
        self._clean()
        for part, size in self._sizes.items():
            stage = self._stage(part)
            with written(stage):
                if not stage.exists() or stage.stat().st_size < size:
                    raise SinkError(f"{stage} is damaged; start anew with restart")
                os.truncate(stage, size)
        return state

    def _write_state(self, state: State, grown: Grown | None = None) -> None:
        columns = {part: self._columns[part] for part in self._sizes}
        own: dict[str, Any] = {"format": _FORMAT, "sizes": self._sizes, "columns": columns}
        if self.remembered:
            own["own"] = self.remembered
        self.location.save({**own, **state} if state else {}, grown)

    def _clean(self) -> None:
        """Remove stages that no state names."""
        known = {self._stage(part) for part in self._sizes}
        with written(self.location.unfinished):
            for file in self.location.home.glob("*.stage"):
                if file not in known:
                    file.unlink()


def _digest(schema: Schema) -> str:
    return blake2b(json.dumps(schema.to_json()).encode(), digest_size=12).hexdigest()
