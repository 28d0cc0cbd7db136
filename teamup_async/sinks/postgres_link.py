"""A connection to a PostgreSQL server: one session, its lock, its transactions, and what goes wrong in words."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# (pyarrow has no type information)

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Any, Final

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

from .base import SinkBusyError, SinkError
from .lock import Wait, process
from .postgres_address import Address

__all__ = ["InUseError", "Link"]

_RUNNING: Final = 60.0
"""Seconds that a run waits at least for a table that is locked, once it has begun: giving up would cost requests."""
_LEAVING: Final = 60.0
"""Seconds to wait for the session of a process of this machine that is gone: its server has not noticed yet."""
_SWITCH: Final = 1.0
"""Seconds that a change of columns waits for readers at a time. New readers wait behind it, so it steps aside then."""
_SETTINGS: Final = {
    "client_encoding": "UTF8",  # what Arrow holds; otherwise the server takes the bytes for its own encoding
    "TimeZone": "UTC",
    "statement_timeout": "0",
    "idle_session_timeout": "0",  # a run waits for quota, perhaps for hours
    "idle_in_transaction_session_timeout": "0",
    "synchronize_seqscans": "off",  # stages are read in the order in which they were written
    "client_min_messages": "warning",
    "tcp_keepalives_idle": "60",  # a machine that is gone lets its lock go after some 90 seconds
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_NOTICING: Final = "client_connection_check_interval"
"""How often the server looks whether the client of a long statement is still there; not on every system."""
_NAME: Final = re.compile(r"teamup_async (\d+)@(.*)")
_HINTS: Final = {
    "42501": "grant the role what it needs (docs/postgres.md says what), or use another schema: ?schema=NAME",
    "54011": "ask for fewer columns (--columns)",
    "54000": "ask for fewer columns (--columns)",
    "2BP01": "a view or another object of yours uses what must change: drop it, run again, and create it again",
    "0A000": "a view or rule of yours may use a column that must change: drop it, run again, and create it again",
}
_USED: Final = ("2BP01", "0A000")
_FULL: Final = "53"


class InUseError(SinkError):
    """Something that must change is used by a view, or by another object of a reader."""


class Link:
    """A session. All its failures are `SinkError`; a password is in none of them."""

    def __init__(self, address: Address, *, wait: float) -> None:
        self.address = address
        self.wait = wait
        self.waiting = Wait()
        self._connection: Any = None
        self._cursor: Any = None
        self._lost: str | None = None

    @property
    def patience(self) -> float:
        """Seconds to wait for what somebody else has locked, now that the run has begun."""
        return max(self.wait, _RUNNING)

    @property
    def there(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def open(self) -> None:
        """Connect. Raises `SinkError`."""
        self.close()
        self._lost = failed = None
        try:
            self._connection = adbc.connect(self.address.uri, autocommit=True)
        except adbc.Error as error:
            failed = self._text(error)
        if failed is not None:  # outside of `except`: the driver's own error may show the password
            raise SinkError(
                f"cannot write {self.address.shown}: {failed}. Check that the server runs, and the URL; a password can "
                "come from PGPASSWORD or from the file ~/.pgpass"
            )
        self._cursor = self._connection.cursor()
        settings = {**_SETTINGS, "lock_timeout": f"{self.patience * 1000:.0f}"}
        self.run(
            "SELECT count(set_config(name, new, false)) FROM pg_settings "
            "JOIN unnest($1::text[], $2::text[]) AS wanted(known, new) ON name = known",
            list(settings),
            list(settings.values()),
        )
        with contextlib.suppress(SinkError):
            self.run(f"SET {_NOTICING} = 2000")
        self.run("SELECT set_config('application_name', $1, false)", _own_name())

    def close(self) -> None:
        """End the session, and with it its lock and what it has not committed."""
        connection, self._connection = self._connection, None
        cursor, self._cursor = self._cursor, None
        for opened in (cursor, connection):
            if opened is not None:
                with contextlib.suppress(adbc.Error):
                    opened.close()

    # --- statements ---

    def run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement; `values` are its ``$1``, ``$2``, ..."""
        with self._told():
            self._cursor.execute(statement, values or None)
            rows: list[tuple[Any, ...]] = self._cursor.fetchall()
            return rows

    def count(self, statement: str, *values: Any) -> int:
        """The number that a statement gives."""
        return int(self.run(statement, *values)[0][0])

    def changed(self, statement: str, *values: Any) -> int:
        """How many rows a DELETE or INSERT changes."""
        return self.count(f"WITH changed AS ({statement} RETURNING 1) SELECT count(*) FROM changed", *values)

    def copy(self, schema: str, table: str, batches: Sequence[pa.RecordBatch]) -> None:
        """Append batches to a table, by COPY."""
        with self._told():
            self._cursor.adbc_ingest(
                table, pa.Table.from_batches(batches), mode="append", db_schema_name=schema
            )

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All statements or none."""
        if self._lost is not None:
            raise self._gone()
        self.run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self._lost is None:
                with contextlib.suppress(SinkError):
                    self.run("ROLLBACK")
            raise

    def briefly(self, statement: str) -> None:
        """A statement that needs a table for itself: it waits for readers only a moment, for others wait behind it."""
        self.run(f"SET LOCAL lock_timeout = {_SWITCH * 1000:.0f}")
        self.run(statement)

    # --- the lock ---

    def lock(self, what: str) -> None:
        """Keep other runs out for as long as this session lives. Raises `SinkBusyError`."""
        key = int.from_bytes(sha256(f"teamup_async {what}".encode()).digest()[:8], signed=True)
        since = monotonic()

        def attempt() -> None:
            if not self.run("SELECT pg_try_advisory_lock($1)", key)[0][0]:
                self._refuse(key, since)

        self.waiting.until(lambda: self._patiently(attempt), self.wait)

    def _patiently(self, attempt: Callable[[], None]) -> None:
        """Try until the lock is not held by what is gone already."""
        while True:
            try:
                return attempt()
            except _Leaving:
                self.run("SELECT pg_sleep(0.05)")

    def _refuse(self, key: int, since: float) -> None:
        found = self.run(
            "SELECT application_name, usename FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid::bigint = $1 AND objid::bigint = $2 "
            "AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            key >> 32 & 0xFFFFFFFF,
            key & 0xFFFFFFFF,
        )
        if not found and monotonic() - since < _LEAVING:
            raise _Leaving  # it was let go just now
        whose = ""
        for name, role in found:
            made = _NAME.fullmatch(name or "")
            if made is None:
                whose = f" (a session of role {role})"
                continue
            pid, host = int(made[1]), made[2]
            if host != _host():
                whose = f" (process {pid} on {host})"
            elif not _alive(pid) and monotonic() - since < _LEAVING:
                raise _Leaving
            else:
                whose = f" ({process(pid)})"
        raise SinkBusyError(
            f"another run is writing to {self.address.shown}{whose}: let it finish, or wait for it (--wait 600, in "
            "Python wait=600)"
        )

    # --- what goes wrong ---

    @contextmanager
    def _told(self) -> Generator[None]:
        if self._lost is not None or self._cursor is None:
            raise self._gone()
        told = None
        try:
            yield
        except adbc.Error as error:
            told = self._in_words(error)
        if told is not None:
            raise told from None

    def _in_words(self, error: adbc.Error) -> SinkError:
        text, state = self._text(error), error.sqlstate
        if state is None and not self._answers():
            self._lost = text
            return self._gone()
        shown = self.address.shown
        if state == "55P03":
            return SinkBusyError(
                f"cannot write {shown}: somebody has a table locked ({text}). End that transaction, or wait for it: "
                "--wait 600, in Python wait=600"
            )
        if state is not None and state.startswith(_FULL):
            return SinkError(f"cannot write {shown}: {text}. Make room there, then run again: it goes on")
        hint = _HINTS.get(state or "")
        made = InUseError if state in _USED else SinkError
        return made(f"cannot write {shown}: {text}" + (f": {hint}" if hint else ""))

    def _answers(self) -> bool:
        """Whether the server still hears this session, perhaps to say that its transaction has failed."""
        try:
            self._cursor.execute("SELECT 1")
            self._cursor.fetchall()
        except adbc.Error as error:
            return error.sqlstate is not None
        return True

    def _gone(self) -> SinkError:
        return SinkError(
            f"cannot write {self.address.shown}: the connection to the server was lost ({self._lost or 'closed'}). "
            "What was saved is safe: run the same again when the server is there, and it goes on where it stood"
        )

    def _text(self, error: adbc.Error) -> str:
        """What the server says, on one line; without the statement, without values of rows, without passwords."""
        text = str(error).partition("\n\nQuery was:")[0]
        text = re.sub(r" SQLSTATE: \w+$", "", text)
        text = re.sub(r"\s(DETAIL|CONTEXT|LINE \d+): .*", "", text, flags=re.DOTALL)
        text = re.sub(r"^.*?(ERROR|FATAL):\s+", "", text, flags=re.DOTALL)
        text = re.sub(r"^[A-Z_]+: (\[libpq\] )?", "", text)
        return self.address.without_secrets(" ".join(text.split()).rstrip(". "))


class _Leaving(Exception):  # noqa: N818 - it never leaves this file
    """The lock is held by the session of a process that is gone."""


def _host() -> str:
    return socket.gethostname()[:36]


def _own_name() -> str:
    """What other runs find in ``pg_stat_activity``, at most 63 bytes."""
    return f"teamup_async {os.getpid()}@{_host()}"


def _alive(pid: int) -> bool:
    """Whether a process of this machine lives."""
    if not Path("/proc/self").exists():
        return True  # it can't be seen here
    return Path(f"/proc/{pid}").exists()
