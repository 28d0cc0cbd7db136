"""A folder or file of an object store. What is not finished is there too, so that any machine can go on with it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from uuid import uuid4

from ..errors import ConfigurationError
from .base import SinkError, State
from .locations import Grown, shown, written
from .lock import Lock
from .object_lock import ObjectLock
from .object_log import ObjectLog
from .object_store import ObjectStore

__all__ = ["RemoteFolder"]


class RemoteFolder:
    """What is below an address; one object, where that has the ending of a file.

    The state and the stages of an unfinished run are objects in ``<folder>/.teamup/`` (``<file>.part/``), and a lock is
    beside them. While a run works, stages and what is made of them are in a folder of this machine, too: below
    ``~/.cache/teamup`` (``XDG_CACHE_HOME``), or for temporary files where that can't be written.
    """

    pause: float = 2.0

    def __init__(
        self, url: str, endings: Sequence[str], what: str, options: Mapping[str, Any] | None = None
    ) -> None:
        above, _, last = url.rpartition("/")
        self.single = PurePosixPath(last).suffix.lower() in endings
        if self.single and above.endswith("/"):
            raise ConfigurationError(f"{shown(url)} names a bucket with no file in it: write {shown(url)}/")
        self.store = ObjectStore(above if self.single else url, options)
        self._file = last if self.single else None
        self.name = f"{self.store.name}/{last}" if self.single else self.store.name
        prefix = f"{last}.part/" if self.single else ".teamup/"
        self.unfinished = f"{self.store.name.rstrip('/')}/{prefix.rstrip('/')}"
        name = f"{what}:{self.name}"
        self.home = _staging() / blake2b(self.name.encode(), digest_size=12).hexdigest()
        self._local = Lock(self.home / "lock", name)
        self._prefix, self._what = prefix, name
        self._lock: ObjectLock | None = None
        self._log = ObjectLog(self.store, prefix, name)

    def is_there(self) -> bool:
        return self.store.has(self._file or "")

    def check(self, keys: Sequence[str], *, folders: bool) -> None:
        """Taking the lock tells."""

    def acquire(self) -> None:
        with written(self.home):
            for folder in (self.home.parent, self.home):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # rows are nobody else's business
                _check_owner(folder)
            self._local.acquire()
        try:
            lock = ObjectLock(self.store, self._prefix, owner=self._owner(), what=self._what)
            lock.acquire()
        except BaseException:
            self.release()
            raise
        self._lock = lock

    @property
    def held(self) -> bool:
        """Whether this run has it."""
        return self._lock is not None

    def load(self) -> State:
        with written(self.home):
            for left in self.home.glob("*.stage"):
                left.unlink()
            return self._log.load(self.home)

    def save(self, state: State, grown: Grown | None = None) -> None:
        self.confirm()
        self._log.save(state, grown)

    def place_of(self, key: str) -> str:
        return f"{self.store.name.rstrip('/')}/{self._key(key)}"

    def opened(self, key: str) -> AbstractContextManager[BinaryIO] | None:
        return self.store.opened(self._key(key))

    def read(self, key: str, name: str) -> bytes | None:
        file = self.store.opened(f"{self._key(key)}/{name}")
        if file is None:
            return None
        with file as there:
            return there.read()

    def note(self, name: str) -> bytes | None:
        file = self.store.opened(name)
        if file is None:
            return None
        with file as there:
            return there.read()

    def put_note(self, name: str, data: bytes) -> None:
        self.confirm()
        self.store.put(name, data)

    def copy(self, key: str) -> Path:
        there = self.home / "before"
        there.unlink(missing_ok=True)
        with written(there):
            self.store.get_file(self._key(key), there)
        return there

    def confirm(self) -> None:
        assert self._lock is not None
        self._lock.check()

    def put(self, made: Path, key: str) -> None:
        self.confirm()
        self.store.put_file(made, self._key(key))
        for file in (made, self.home / "before"):
            file.unlink(missing_ok=True)

    def release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()
        if self._local.held:
            for left in self.home.iterdir():
                if left != self._local.path:
                    left.unlink(missing_ok=True)
        self._local.release()
        with contextlib.suppress(OSError):
            self.home.rmdir()

    def close(self) -> None:
        self.release()

    def _key(self, key: str) -> str:
        return self._file or key

    def _owner(self) -> str:
        """What tells runs that use this folder of this machine, of which only one is alive: it has the lock there."""
        file = self.home / "owner"
        with written(file):
            if not file.exists():
                file.write_text(uuid4().hex, "ascii")
            return file.read_text("ascii")


def _check_owner(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # the run before has just removed it
        if os.name != "nt" and folder.stat().st_uid != os.geteuid():
            raise SinkError(
                f"cannot write {folder}: it belongs to another user; set XDG_CACHE_HOME to a folder of yours"
            )


def _staging() -> Path:
    """The folder of this machine below which stages are."""
    home = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    with contextlib.suppress(RuntimeError):  # a user without a home, as some containers have
        cache = Path(home) if home else Path("~/.cache").expanduser()
        above = next((folder for folder in (cache, *cache.parents) if folder.exists()), cache)
        if os.access(above, os.W_OK):
            return cache / "teamup" / "staging"
    return Path(tempfile.gettempdir()) / f"teamup-{'' if os.name == 'nt' else os.geteuid()}"
