"""What the statements that fill tables are written with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import Final
from zlib import crc32

import attrs

from .clock import milliseconds
from .sizes import AccountIds, Sizes
from .studio import Studio


@attrs.frozen
class Maker:
    """One account's data in the making. `now` is the present when the sandbox started, `need` fills another table
    first.
    """

    connection: sqlite3.Connection
    index: int
    seed: int
    sizes: Sizes
    ids: AccountIds
    studio: Studio
    now: datetime
    need: Callable[[str], None]

    @property
    def present(self) -> int:
        """The present in milliseconds."""
        return milliseconds(self.now)

    @property
    def today(self) -> date:
        """The day of the present, in UTC."""
        return self.now.astimezone(UTC).date()

    def random(self, what: str) -> Random:
        """A generator of its own for everything that is drawn in Python, so that nothing depends on the
        order in which tables are filled.
        """
        return Random(f"{self.seed}:{self.index}:{what}")

    def draw(self, number: str, what: str) -> str:
        """SQL for a well-mixed non-negative integer below 2**31 that depends on a number, the seed and a name
        only.
        """
        key = crc32(f"{self.seed + self.index}:{what}".encode()) % 2147483647
        linear = f"((({number}) * 48271 + {key}) % 2147483647)"
        return f"({linear} * {linear} % 2147483629)"

    def ids_from(self, base: int, order: str = "1") -> str:
        """SQL for ids that ascend with gaps, in that order."""
        number = f"(row_number() OVER (ORDER BY {order}) - 1)"
        return f"({base + 17 * self.index} + {number} * 3 + {number} % 2)"


def pick(values: Sequence[object], number: str) -> str:
    """SQL for one of these values; a number picks it."""
    cases = " ".join(f"WHEN {index} THEN {_literal(value)}" for index, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {cases} END"


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, (int, float)) else "'" + str(value).replace("'", "''") + "'"


MOVED: Final = """
CREATE TRIGGER {table}_moved AFTER UPDATE OF starts_at, venue_id ON {table} BEGIN
    UPDATE {table} SET local_start = local_time(starts_at, venue_id),
        ends_at = CASE WHEN NEW.ends_at = OLD.ends_at THEN NEW.starts_at + OLD.ends_at - OLD.starts_at
            ELSE NEW.ends_at END
    WHERE id = NEW.id;
END;
"""
"""Whoever moves an event moves its end and its wall clock time as well."""
