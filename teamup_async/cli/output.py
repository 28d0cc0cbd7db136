"""Where output goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from .failures import OutputError

__all__ = ["Sink", "opened", "standard_output"]


class Sink:
    """Something to write bytes to. Raises `OutputError`; a reader that went away is a `BrokenPipeError`."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        with _told(self._name):
            self._file.write(data)

    def flush(self, *, to_disk: bool = False) -> None:
        """Hand everything to the system, and with `to_disk` to the disk."""
        with _told(self._name):
            self._file.flush()
            if to_disk:
                os.fsync(self._file.fileno())


@contextmanager
def opened(path: Path | None) -> Generator[Sink]:
    """A sink for `path`, or for standard output if that is None.

    The file is written beside its place and moved there at the end, so it appears whole; after a failure it is removed
    and whatever was there before is still there. Devices and pipes are written to directly.
    """
    if path is None:
        sink = standard_output()
        yield sink
        sink.flush()
        return
    place = Path(os.path.realpath(path))
    with _told(str(path)):
        if place.is_dir():
            raise OutputError(f"cannot write {path}: it is a directory")
        special = place.exists() and not stat.S_ISREG(place.stat().st_mode)
    if special:
        with _told(str(path)):
            file = place.open("wb")
        try:
            sink = Sink(file, str(path))
            yield sink
            sink.flush()
        finally:
            _close(file)
        return
    with _beside(place, str(path)) as sink:
        yield sink


def standard_output() -> Sink:
    """Standard output, as bytes."""
    sys.stdout.flush()
    return Sink(sys.stdout.buffer, "standard output")


@contextmanager
def _beside(place: Path, name: str) -> Generator[Sink]:
    part = place.with_name(f".{place.name[:100]}.{secrets.token_hex(4)}.part")
    with _told(name):
        if place.exists() and not os.access(place, os.W_OK):
            raise OutputError(f"cannot write {name}: it is read-only")
        # Not tempfile: the file is to get the permissions that any new file gets.
        file = os.fdopen(
            os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o666), "wb"
        )
    moved = False
    try:
        sink = Sink(file, name)
        yield sink
        sink.flush(to_disk=True)
        with _told(name):
            file.close()
            if place.exists():
                shutil.copymode(place, part)
            part.replace(place)
            moved = True
    finally:
        _close(file)
        if not moved:
            part.unlink(missing_ok=True)
    _sync_directory(place.parent)


def _close(file: BinaryIO) -> None:
    # Closing writes what is buffered, which fails once more where writing has failed.
    with contextlib.suppress(OSError):
        file.close()


def _sync_directory(directory: Path) -> None:
    """Make the new name last through a power failure, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _told(name: str) -> Generator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        why: object = error.strerror or error
        if error.errno == errno.EBADF:
            why = "it is closed"
        elif error.errno == errno.ENOENT:
            why = f"there is no folder {Path(name).parent}"
        raise OutputError(f"cannot write {name}: {why}") from error
