"""Locks: one that the system lets go when its process ends, however it ends; who holds one; how long to wait for it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Final, TypeVar

from .base import SinkBusyError

__all__ = ["Lock", "Wait", "holder_of", "process"]

T = TypeVar("T")

_PAUSE: Final = 0.1
"""Seconds between two looks at what somebody else holds."""


class Wait:
    """Tries again every `pause` seconds while somebody else holds what is needed, until `stop` is called."""

    def __init__(self, pause: float = _PAUSE) -> None:
        self._stopped = Event()
        self._pause = pause

    def stop(self) -> None:
        """End waiting now, and wait no more until `restart`; may be called from any thread."""
        self._stopped.set()

    def restart(self) -> None:
        """Wait again."""
        self._stopped.clear()

    def until(self, attempt: Callable[[], T], seconds: float) -> T:
        """What `attempt` returns, as soon as it does not raise `SinkBusyError`; that error after so many `seconds`."""
        last = monotonic() + seconds
        while True:
            try:
                return attempt()
            except SinkBusyError:
                if monotonic() >= last or self._stopped.wait(self._pause):
                    raise


class Lock:
    """An exclusive lock: `path` exists while it is held, and holds the id of the process that has it.

    `what` is named to those who are refused.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self._what = what
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object has the lock."""
        return self._descriptor is not None

    def acquire(self) -> None:
        """Take the lock at once, or raise `SinkBusyError`."""
        while True:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
            except FileNotFoundError:
                continue  # the run before has just removed the folder
            try:
                _lock(descriptor)
            except OSError:
                whose = _read_pid(descriptor)
                os.close(descriptor)
                raise SinkBusyError(
                    f"another run is writing to {self._what}{whose}: let it finish, or wait for it (--wait 600, "
                    "in Python wait=600)"
                ) from None
            # The run before may have removed the file between our opening and our locking it.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), self.path.stat()):
                    self._descriptor = descriptor
                    with contextlib.suppress(OSError):  # a full disk must not stand in the way
                        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), _PID_AT)
                    return
            os.close(descriptor)

    def release(self) -> None:
        """Let go; does nothing if it is not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            if sys.platform != "win32":  # an open file can't be removed there
                self.path.unlink(missing_ok=True)
            os.close(descriptor)


def process(pid: int) -> str:
    """A process in words: ``process 4711 (python)``, with its name where the system tells."""
    with contextlib.suppress(OSError):
        name = Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
        return f"process {pid} ({name})"
    return f"process {pid}"


def holder_of(path: Path) -> int | None:
    """The process that holds a lock of the system on a file; None where there is none or the system does not tell."""
    with contextlib.suppress(OSError, ValueError):
        found = path.stat()
        wanted = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
        for line in Path("/proc/locks").read_text("ascii").splitlines():
            words = line.split()
            if wanted in words and "->" not in words and int(words[4]) not in (-1, os.getpid()):
                return int(words[4])
    return None


def _read_pid(descriptor: int) -> str:
    with contextlib.suppress(OSError, ValueError):
        return f" ({process(int(os.pread(descriptor, 20, _PID_AT)))})"
    return ""


if sys.platform == "win32":
    import msvcrt

    _PID_AT: Final = 1
    """The locked byte can't be read there."""

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    _PID_AT: Final = 0

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
