"""Where the files of a sink are: in a folder of this machine (here), or in an object store (`remote`)."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import attrs

from .base import SinkError, State
from .lock import Lock
from .state_file import StateFile, sync_folder

__all__ = [
    "STORES",
    "Folder",
    "Grown",
    "Location",
    "in_a_store",
    "is_url",
    "located",
    "shown",
    "stage_name",
    "written",
]

STORES: Final = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
}
"""Which package reaches which object stores. Others (sftp, smb) show files that are half written, and are left out."""
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.:-]+://", re.ASCII)


@contextmanager
def written(what: str | Path) -> Generator[None]:
    """Turn failures of the system into `SinkError`s that name what could not be written."""
    try:
        yield
    except OSError as error:
        raise SinkError(f"cannot write {what}: {error.strerror or error}") from error


def in_a_store(path: str) -> bool:
    """Whether a path is an address in an object store that can be written to."""
    return path.partition("://")[0].lower() in STORES and "://" in path


def is_url(path: str | os.PathLike[str]) -> bool:
    """Whether a path is an address: ``s3://bucket/teamup/``."""
    return isinstance(path, str) and _URL.match(path) is not None


def shown(url: str) -> str:
    """An address without what may be secret in it: a user and password, and what follows a question mark."""
    scheme, _, rest = url.partition("://")
    rest = rest.partition("?")[0]
    place, slash, path = rest.partition("/")
    if ":" in place and "@" in place:
        place = f"***@{place.rpartition('@')[2]}"
    return f"{scheme}://{place}{slash}{path}"


def stage_name(part: str) -> str:
    """The name of the file that is the stage of a part: names of accounts may hold what a file name can't."""
    return f"{blake2b(part.encode(), digest_size=12).hexdigest()}.stage"


@attrs.frozen
class Grown:
    """What a stage has grown by: the name of its file, where that begins in it, and the bytes."""

    stage: str
    at: int
    data: bytes | memoryview


class Location(Protocol):
    """Where targets, stages and the state of a run are. A target is known by its `key`: its path in the folder."""

    single: bool
    """Whether it is one file, not a folder."""
    home: Path
    """A folder of this machine for stages, and for what is made of them."""
    name: str
    """What people call it; without credentials."""
    unfinished: str
    """Where an unfinished run is, for people."""
    pause: float
    """Seconds between two tries to get what another run holds."""

    def is_there(self) -> bool:
        """Whether there is anything yet."""
        ...

    def check(self, keys: Sequence[str], *, folders: bool) -> None:
        """Make sure that targets could be written, as far as can be told now. Raises `SinkError`.

        With `folders` each target is a folder.
        """

    def acquire(self) -> None:
        """Take it for this run, or raise `SinkBusyError`."""

    @property
    def held(self) -> bool:
        """Whether this run has it."""
        ...

    def load(self) -> State:
        """The state saved last; stages are in `home` then."""
        ...

    def save(self, state: State, grown: Grown | None = None) -> None:
        """Make a state safe, together with what a stage has grown by. Raises OSError or `SinkError`."""

    def place_of(self, key: str) -> str:
        """Where a target is, for people."""
        ...

    def opened(self, key: str) -> AbstractContextManager[BinaryIO] | None:
        """The target that is there, to read some of it; None where there is none."""
        ...

    def read(self, key: str, name: str) -> bytes | None:
        """The file `name` of a target that is a folder; None where there is none."""

    def note(self, name: str) -> bytes | None:
        """The file `name` beside the targets; None where there is none."""
        ...

    def put_note(self, name: str, data: bytes) -> None:
        """Make such a file, at once."""

    def copy(self, key: str) -> Path:
        """The target that is there, as a file of this machine, to read all of it. Where there is none, no file is."""
        ...

    def confirm(self) -> None:
        """Make sure that this run still has it, before others see what it has made. Raises `SinkError`."""

    def put(self, made: Path, key: str) -> None:
        """Make the file `made` the target: at once, and `made` is gone."""

    def release(self) -> None:
        """Let it go, and leave everything as it is."""

    def close(self) -> None:
        """Let it go; nothing of a finished run stays behind."""


class Folder:
    """A folder of this machine, or one file of it."""

    pause: float = 0.1

    def __init__(self, path: str | os.PathLike[str], endings: Sequence[str], what: str) -> None:
        self.path = Path(path)
        self.name = str(self.path)
        self.single = self.path.suffix.lower() in endings
        self.home = self.path.with_name(f"{self.path.name}.part") if self.single else self.path / ".teamup"
        self.unfinished = str(self.home)
        self._lock = Lock(self.home / "lock", f"{what}:{self.path}")
        self._state = StateFile(self.home / "state.jsonl")

    def is_there(self) -> bool:
        return self.path.exists()

    def check(self, keys: Sequence[str], *, folders: bool) -> None:
        folder = self.path.parent if self.single else self.path
        if folder.exists() and not folder.is_dir():
            raise SinkError(f"cannot write {self.path}: {folder} is not a folder")
        for path in map(self._path, keys):
            if folders and path.exists() and not path.is_dir():
                raise SinkError(f"cannot write {path}: it is a file")
            if path.is_dir() and not folders:
                raise SinkError(f"cannot write {path}: it is a directory")
            if path.exists() and not os.access(path, os.W_OK):
                raise SinkError(f"cannot write {path}: it is read-only")

    def acquire(self) -> None:
        with written(self.home):
            self.home.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()

    @property
    def held(self) -> bool:
        """Whether this run has it."""
        return self._lock.held

    def load(self) -> State:
        with written(self.home):
            return self._state.load()

    def save(self, state: State, grown: Grown | None = None) -> None:
        with written(self._state.path):
            self._state.save(state)

    def place_of(self, key: str) -> str:
        return str(self._path(key))

    def opened(self, key: str) -> AbstractContextManager[BinaryIO] | None:
        path = self._path(key)
        if not path.exists():
            return None
        with written(path):
            return path.open("rb")

    def read(self, key: str, name: str) -> bytes | None:
        path = self._path(key) / name
        if not path.exists():
            return None
        with written(path):
            return path.read_bytes()

    def note(self, name: str) -> bytes | None:
        path = self.path / name
        with written(path):
            return path.read_bytes() if path.exists() else None

    def put_note(self, name: str, data: bytes) -> None:
        made = self.home / name
        with written(self.path / name):
            made.write_bytes(data)
            made.replace(self.path / name)

    def copy(self, key: str) -> Path:
        return self._path(key)

    def confirm(self) -> None:
        """The system keeps the lock."""

    def put(self, made: Path, key: str) -> None:
        path = self._path(key)
        if path.exists():
            shutil.copymode(path, made)
        path.parent.mkdir(parents=True, exist_ok=True)
        made.replace(path)
        sync_folder(path.parent)

    def release(self) -> None:
        self._lock.release()

    def close(self) -> None:
        if self._lock.held and not self._state.path.exists():
            for left in self.home.iterdir():
                if left != self._lock.path:
                    left.unlink(missing_ok=True)
        self.release()
        with contextlib.suppress(OSError):
            self.home.rmdir()

    def _path(self, key: str) -> Path:
        return self.path if self.single else self.path / key


def located(
    path: str | os.PathLike[str],
    endings: Sequence[str],
    what: str,
    storage_options: Mapping[str, Any] | None = None,
) -> Location:
    """The place that `path` names: a folder, a file, or an address of an object store.

    Raises `ConfigurationError` for an address that can't be written to, `SinkError` where a package is missing.
    """
    if not is_url(path):
        return Folder(path, endings, what)
    from .remote import RemoteFolder

    return RemoteFolder(str(path), endings, what, storage_options)
