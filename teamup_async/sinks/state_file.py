"""The state of a run in a file that grows: a line for each save, of what has changed with it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from .base import SinkError, State
from .pieces import Pieces, changed, in_pieces, whole

__all__ = ["StateFile", "sync_folder"]

_ROOM: Final = 1_000_000


class StateFile:
    """A state on the disk.

    The first line, and the file with it, appears whole. Of the last one a crash may leave a beginning, which does not
    count. It is written anew when it is longer than four times the state and `room` bytes.
    """

    def __init__(self, path: Path, *, room: int = _ROOM) -> None:
        self.path = path
        self._room = room
        self._pieces: Pieces = {}
        self._end = 0
        self._most = 0

    def load(self) -> State:
        """What was saved last; empty where there is nothing. Raises `SinkError` for what can't be read."""
        self._pieces, self._end, self._most = {}, 0, 0
        try:
            lines = self.path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return {}
        last = (
            len(lines) - 2
        )  # behind the last line that is whole there is an empty one, or the beginning of one
        for number, line in enumerate(lines[:-1]):
            try:
                read = json.loads(line)
                self._pieces.update(read["set"])
                for key in read["gone"]:
                    del self._pieces[key]
            except (ValueError, KeyError, TypeError):
                if 0 < number == last:
                    break  # the disk had not all of it when the machine went down
                raise SinkError(f"{self.path} can't be read; start anew with restart") from None
            self._end += len(line) + 1
        if not self._pieces:
            raise SinkError(f"{self.path} can't be read; start anew with restart")
        return whole(self._pieces)

    def save(self, state: Mapping[str, Any]) -> None:
        """Save a state; without one there is no file. Raises OSError."""
        if not state:
            self.path.unlink(missing_ok=True)
            self._pieces, self._end = {}, 0
            return
        pieces = in_pieces(state)
        new, gone = changed(self._pieces, pieces)
        if self._end and self._end <= self._most:
            self._add(_line(new, gone))
        else:
            self._begin(_line(pieces, []))
        self._pieces = pieces

    def _add(self, line: bytes) -> None:
        with self.path.open("r+b") as file:
            try:
                file.truncate(self._end)
                file.seek(self._end)
                _write(file, line)
            except OSError:
                with contextlib.suppress(OSError):
                    file.truncate(self._end)
                raise
        self._end += len(line)

    def _begin(self, line: bytes) -> None:
        part = self.path.with_suffix(".new")
        with part.open("wb") as file:
            _write(file, line)
        part.replace(self.path)
        sync_folder(self.path.parent)
        self._end, self._most = len(line), 4 * len(line) + self._room


def _line(new: Pieces, gone: list[str]) -> bytes:
    return json.dumps({"set": new, "gone": gone}).encode() + b"\n"


def _write(file: BinaryIO, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make new names last through a power failure, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
