"""A lock in an object store, for runs on different machines: a lease, which ends by itself where it is not renewed."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from datetime import timedelta
from random import uniform
from typing import Final
from uuid import uuid4

from .base import SinkBusyError, SinkError
from .lock import process
from .object_store import ObjectStore

__all__ = ["ObjectLock"]

_LEASE: Final = timedelta(seconds=60)
_RENEWED: Final = 15.0
"""Seconds between two renewals."""
_JUST_BEGUN: Final = timedelta(seconds=5)
_TRIES: Final = 3


class ObjectLock:
    """An exclusive lock on `prefix`: an object for each run that wants it; whoever finds no other object has it.

    A run writes its object first and looks then, so of two runs at least one sees the other, and withdraws. That needs
    a store whose listings show what was written (S3, Google Cloud Storage and Azure do), and no conditional writes.
    How old an object is, is told by the store's clock alone. An object that was not renewed for `lease` does not count.
    `owner` tells the runs of one working folder of one machine: what another one of them left is removed at once.
    """

    def __init__(
        self, store: ObjectStore, prefix: str, *, owner: str, what: str, lease: timedelta = _LEASE
    ) -> None:
        self._store = store
        self._prefix = prefix
        self._key = f"{prefix}lock/{uuid4().hex}"
        self._what = what
        self._lease = lease
        self._note = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "owner": owner}).encode()
        self._owner = owner
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._renewed = (0.0, 0.0)

    def acquire(self) -> None:
        """Take the lock, or raise `SinkBusyError`; `SinkError` where the store can't be written to."""
        for attempt in range(_TRIES):
            try:
                age, note = self._claim()
            except BaseException:
                self._remove()
                raise
            if age is None:
                break
            self._remove()
            # Two that came at the same moment have both withdrawn: the one that waits less is first then.
            if age > _JUST_BEGUN or attempt == _TRIES - 1:
                raise self._busy(age, note)
            time.sleep(uniform(0.1, 0.5) * (attempt + 1))
        self._ended.clear()
        self._thread = threading.Thread(target=self._keep, name="teamup-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Make sure that the lock is still this run's. Raises `SinkError` where nobody could renew it in time."""
        if self._lapsed():
            raise SinkError(
                f"cannot write {self._what}: the lock there was not renewed for {self._lease.total_seconds():.0f} "
                "seconds (no connection, or this machine slept), and another run may have begun; start again to go on"
            )

    def release(self) -> None:
        """Let go; does nothing if it is not held."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ended.set()
            thread.join()
            self._remove()

    def _claim(self) -> tuple[timedelta | None, bytes]:
        """Write an object; the age and the note of the object of another run that has the lock, or None."""
        self._renewed = _now()
        self._store.put(self._key, self._note)
        found = self._store.listed(f"{self._prefix}lock/")
        own = self._key.rpartition("/")[2]
        if own not in found:
            raise SinkError(f"cannot write {self._what}: the store does not list what was just written there")
        now = found.pop(own)
        for name, written in sorted(found.items(), key=lambda item: item[1], reverse=True):
            key, age = f"{self._prefix}lock/{name}", now - written
            try:
                note = self._store.get(key)
            except SinkError:
                continue  # it has just been removed
            if age > self._lease or _owner(note) == self._owner:
                self._store.delete([key])
                continue
            return max(age, timedelta(0)), note
        return None, b""

    def _renew(self) -> None:
        begun = _now()
        self._store.put(self._key, self._note)
        if (
            self._lapsed()
        ):  # it arrived too late: it may be beside an object of a run that has begun meanwhile
            self._remove()
        else:
            self._renewed = begun

    def _lapsed(self) -> bool:
        """Whether the lease has ended; a machine that slept may know that by one of two clocks only."""
        passed = max(now - then for now, then in zip(_now(), self._renewed, strict=True))
        return passed > self._lease.total_seconds()

    def _keep(self) -> None:
        while not self._ended.wait(_RENEWED):
            if self._lapsed():
                return
            with contextlib.suppress(SinkError):  # the next renewal may do, and `check` tells
                self._renew()

    def _remove(self) -> None:
        with contextlib.suppress(SinkError):  # it ends by itself
            self._store.delete([self._key])

    def _busy(self, age: timedelta, note: bytes) -> SinkBusyError:
        try:
            read = json.loads(note)
            who = f"{process(read['pid']).partition(' (')[0]} on {read['host']}"
        except (ValueError, KeyError, TypeError):
            who = "unknown"
        left = max((self._lease - age).total_seconds(), 0)
        return SinkBusyError(
            f"another run is writing to {self._what} ({who}): let it finish, or wait for it (--wait 600, in Python "
            f"wait=600). If it was killed, its lock ends {left:.0f} seconds from now"
        )


def _now() -> tuple[float, float]:
    return time.monotonic(), time.time()


def _owner(note: bytes) -> str | None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return str(json.loads(note)["owner"])
    return None
