"""The state of a run and its stages in an object store: an object for each save, of what has changed with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import attrs

from .base import SinkBusyError, SinkError, State
from .locations import Grown, stage_name
from .object_store import ObjectStore
from .pieces import Pieces, changed, in_pieces, whole

__all__ = ["ObjectLog"]

_ROOM: Final = 1_000_000
_DEAD: Final = 64_000_000
"""Bytes of stages that are not needed any longer, at which they are removed."""


@attrs.frozen
class _Entry:
    stage: str | None
    size: int


class ObjectLog:
    """A log of objects below `prefix`, numbered: each holds what has changed in the state, and what a stage grew by.

    Both are in one object, so a save is whole or not at all. An object may hold the whole state; then the ones before
    it count no more, but for their stages. Any machine can go on from the log; the stages are made anew from it there.
    """

    def __init__(self, store: ObjectStore, prefix: str, what: str) -> None:
        self._store = store
        self._prefix = f"{prefix}log/"
        self._what = what
        self._forget()

    def _forget(self) -> None:
        self._pieces: Pieces = {}
        self._entries: dict[int, _Entry] = {}
        self._last = 0
        self._length: int = 0
        self._most: int = -1

    def load(self, home: Path) -> State:
        """The state saved last, with its stages in the folder `home`; empty where there is nothing."""
        self._forget()
        begun = False
        for name in sorted(self._store.listed(self._prefix)):
            try:
                number = int(name)
                line, _, data = self._store.get(f"{self._prefix}{name}").partition(b"\n")
                head = json.loads(line)
                if head["whole"]:
                    begun, self._pieces = True, {}
                self._pieces.update(head["set"])
                for key in head["gone"]:
                    self._pieces.pop(key, None)
                stage, at = head["stage"], head["at"]
            except (ValueError, KeyError, TypeError):
                raise SinkError(
                    f"{self._what} holds a state that can't be read; remove {name} there"
                ) from None
            if stage is not None:
                with (home / stage).open("r+b" if (home / stage).exists() else "wb") as file:
                    file.seek(at)
                    file.write(data)
            self._last = number
            self._entries[number] = _Entry(stage, len(data))
        if begun and self._pieces:
            return whole(self._pieces)
        self.clear()
        return {}

    def save(self, state: State, grown: Grown | None = None) -> None:
        """Save a state and what a stage has grown by. Without a state nothing is left."""
        if not state:
            self.clear()
            return
        pieces = in_pieces(state)
        live = set(map(stage_name, state.get("sizes", {})))
        dead = sum(entry.size for entry in self._entries.values() if entry.stage not in live)
        anew = self._length > self._most or dead > _DEAD
        new, gone = (pieces, list[str]()) if anew else changed(self._pieces, pieces)
        length = self._put({"whole": anew, "set": new, "gone": gone}, grown)
        self._pieces = pieces
        if anew:
            self._length, self._most = 0, 4 * length + _ROOM
            self._remove([n for n, e in self._entries.items() if n < self._last and e.stage not in live])
        else:
            self._length += length

    def clear(self) -> None:
        """Remove everything: a run that ends in between leaves nothing that looks like a state."""
        if self._entries:
            self._put({"whole": True, "set": {}, "gone": []}, None)
            self._remove([number for number in self._entries if number != self._last])
            self._remove([self._last])
        self._forget()

    def _put(self, head: dict[str, Any], grown: Grown | None) -> int:
        """Write the next object; the length of its head."""
        stage, at, data = (None, 0, b"") if grown is None else (grown.stage, grown.at, bytes(grown.data))
        line = json.dumps({**head, "stage": stage, "at": at}).encode() + b"\n"
        number = self._last = (
            self._last + 1
        )  # never the same again: nobody knows what became of one that failed
        key = self._key(number)
        try:
            self._store.put(key, line + data, create=True)
        except FileExistsError:
            # The first try may have arrived, with its answer lost.
            if self._store.get(key) != line + data:
                raise SinkBusyError(
                    f"another run is writing to {self._what}: it has taken this one's place; start again to go on "
                    "(or wait for it: --wait 600, in Python wait=600)"
                ) from None
        self._entries[number] = _Entry(stage, len(data))
        return len(line)

    def _remove(self, numbers: list[int]) -> None:
        self._store.delete(map(self._key, numbers))
        for number in numbers:
            del self._entries[number]

    def _key(self, number: int) -> str:
        return f"{self._prefix}{number:09d}"
