"""A lock on a file that the system lets go when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from .base import SinkBusyError

__all__ = ["Lock"]


class Lock:
    """An exclusive lock: `path` exists while it is held. `what` is named to those who are refused."""

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
                os.close(descriptor)
                raise SinkBusyError(f"another run is writing to {self._what}") from None
            # The run before may have removed the file between our opening and our locking it.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), self.path.stat()):
                    self._descriptor = descriptor
                    return
            os.close(descriptor)

    def release(self) -> None:
        """Let go; does nothing if it is not held."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            if sys.platform != "win32":  # an open file can't be removed there
                self.path.unlink(missing_ok=True)
            os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
