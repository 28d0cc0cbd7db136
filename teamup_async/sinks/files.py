"""Sinks that are files: stages that only grow, a state beside them, and targets that appear whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Final

from ..errors import ConfigurationError
from .base import Batch, Extra, SinkError, State, Target
from .history import add
from .lock import Lock, Wait
from .naming import Names, check_names, named
from .schema import Schema, with_extra
from .state_file import StateFile, sync_folder
from .table import SINKS

__all__ = ["FileSink", "written"]

_FORMAT = 2
"""Version of the state file."""
RUNS: Final = ".teamup-runs.json"
"""The runs that a folder remembers. Readers of whole folders pass over names that begin with a dot."""


@contextmanager
def written(what: str | Path) -> Generator[None]:
    """Turn failures of the system into `SinkError`s that name what could not be written."""
    try:
        yield
    except OSError as error:
        raise SinkError(f"cannot write {what}: {error.strerror or error}") from error


class FileSink(ABC):
    """Files in a folder, one for each target: ``<folder>/<name><suffix>``, or ``<folder>/<account>/<name><suffix>``.

    A `path` that ends in the format's suffix is the file itself, for a pull of one target. While a pull is
    unfinished, its stages and its state are in ``<folder>/.teamup`` (``<file>.part`` for a single file). `wait` is
    how many seconds to wait for another run; `extra` ``"keep"`` adds a column ``extra`` for fields that the row class
    does not know; `names` ``"snake"`` calls columns ``customer_name`` instead of ``customer.name``; `notes` says what
    changed in the columns of files of the latest run.
    """

    nested: bool = False
    """Whether objects stay objects, so that their fields are no columns."""
    format: ClassVar[str]
    suffix: ClassVar[str]
    several: ClassVar[bool] = False
    """Whether one file can have several targets."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        wait: float = 0.0,
        extra: Extra = "drop",
        names: Names = "dotted",
    ) -> None:
        self.path = Path(path)
        self.extra = extra
        self.names = check_names(names)
        self.wait = wait
        self.notes: list[str] = []
        self.single = self.path.suffix.lower() in SINKS[self.format].endings
        self._home = self.path.with_name(f"{self.path.name}.part") if self.single else self.path / ".teamup"
        self._lock = Lock(self._home / "lock", self.name)
        self._state = StateFile(self._home / "state.jsonl")
        self._waiting = Wait()
        self._sizes: dict[str, int] = {}
        self._columns: dict[str, str] = {}
        self.remembered: dict[str, Any] = {}
        """What a format must know to go on, saved with the state; JSON-able."""

    @property
    def name(self) -> str:
        """The format and the path."""
        return f"{self.format}:{self.path}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

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
                f"{self.path} is one file, but the pull has {len(targets)} targets: give a folder"
            )
        folder = self.path.parent if self.single else self.path
        if folder.exists() and not folder.is_dir():
            raise SinkError(f"cannot write {self.path}: {folder} is not a folder")
        for target in targets:
            self._check(self.path_of(target))
        with written(self._home):
            self._home.parent.mkdir(parents=True, exist_ok=True)
            self._waiting.restart()
            self._waiting.until(self._lock.acquire, self.wait)
        self.notes.clear()
        try:
            return self._load()
        except BaseException:
            self._lock.release()
            raise

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
            self._write_state(state)
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
        return self._home

    def keep(self, state: State) -> None:
        """Make `state` safe, with all stages."""
        self._write_state(state)

    def _check_columns(self, part: str, schema: Schema) -> None:
        """Make sure that a stage has the columns of `schema`: an older version may have begun it."""
        if self._columns.get(part) != _digest(schema):
            raise SinkError(
                f"{self._home} holds an unfinished pull with other columns; start anew with restart"
            )

    def replace(
        self, target: Target, parts: Sequence[str], state: State, write: Callable[[BinaryIO], None]
    ) -> str:
        """Put what `write` writes at the target's path, then drop the stages of `parts` and save `state`."""
        path = self.path_of(target)
        part = self._home / "target"
        with written(path):
            try:
                with part.open("wb") as file:
                    write(file)
                    file.flush()
                    os.fsync(file.fileno())
                if path.exists():
                    shutil.copymode(path, part)
                path.parent.mkdir(parents=True, exist_ok=True)
                part.replace(path)
            except BaseException:
                # A disk that is full needs the room, and the stages have all rows.
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
            sync_folder(path.parent)
        for name in parts:
            self._sizes.pop(name, None)
        self._write_state(state)
        self._clean()
        return str(path)

    def remember(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Keep `run` in a file of the folder; a single file remembers nothing."""
        if self.single:
            return []
        path = self.path / RUNS
        with written(path):
            try:
                before = json.loads(path.read_bytes())
            except (FileNotFoundError, ValueError):
                before = None  # the first run, or a file that somebody has spoilt
            history, earlier = add(before, run)
            part = self._home / RUNS
            part.write_text(json.dumps(history), encoding="utf-8")
            part.replace(path)
        return earlier

    def close(self) -> None:
        """Let the folder go; nothing of a finished pull stays behind."""
        if self._lock.held and not self._state.path.exists():
            for left in self._home.iterdir():
                if left != self._lock.path:
                    left.unlink(missing_ok=True)
        self._lock.release()
        with contextlib.suppress(OSError):
            self._home.rmdir()

    def path_of(self, target: Target) -> Path:
        """Where a target is."""
        if self.single:
            return self.path
        folder = self.path if target.account is None else self.path / target.account
        return folder / f"{target.name}{self.suffix}"

    def _check(self, path: Path) -> None:
        if path.is_dir():
            raise SinkError(f"cannot write {path}: it is a directory")
        if path.exists() and not os.access(path, os.W_OK):
            raise SinkError(f"cannot write {path}: it is read-only")

    def _stage(self, part: str) -> Path:
        # Names of accounts and parts may hold what a file name can't.
        return self._home / f"{blake2b(part.encode(), digest_size=12).hexdigest()}.stage"

    def _load(self) -> State:
        with written(self._home):
            state = dict(self._state.load())
        if state and state.pop("format", None) != _FORMAT:
            raise SinkError(f"{self._state.path} was written by another version; start anew with restart")
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

    def _write_state(self, state: State) -> None:
        columns = {part: self._columns[part] for part in self._sizes}
        own: dict[str, Any] = {"format": _FORMAT, "sizes": self._sizes, "columns": columns}
        if self.remembered:
            own["own"] = self.remembered
        with written(self._state.path):
            self._state.save({**own, **state} if state else {})

    def _clean(self) -> None:
        """Remove stages that no state names."""
        known = {self._stage(part) for part in self._sizes}
        with written(self._home):
            for file in self._home.glob("*.stage"):
                if file not in known:
                    file.unlink()


def _digest(schema: Schema) -> str:
    return blake2b(json.dumps(schema.to_json()).encode(), digest_size=12).hexdigest()
