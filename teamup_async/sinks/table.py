"""The one table of sinks.

A new sink is a file in this folder and a line here: its name, its endings, the extra that it needs. The command line,
checkpoints and the tests of sinks all go by this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import attrs

from .base import SinkError

__all__ = ["SINKS", "Format"]


@attrs.frozen
class Format:
    """A format: its `name`, the class that writes it (``module:Class``, loaded when used), the endings of its files.

    `extra` is the extra of this package that it needs; None where none is needed. `database` is True where a
    path is always one file, with a table for each report. `schemes` are those of the URLs that say where it is, for
    what is no file.
    """

    name: str
    home: str
    endings: tuple[str, ...]
    extra: str | None = None
    database: bool = False
    schemes: tuple[str, ...] = ()

    def load(self) -> Any:
        """The class. Raises `SinkError` where a package that it needs is missing."""
        module, name = self.home.split(":")
        try:
            return getattr(import_module(f"{__package__}.{module}"), name)
        except ModuleNotFoundError as error:
            if self.extra is None:
                raise
            raise SinkError(
                f"{self.name} needs the package {error.name}: pip install 'teamup-async[{self.extra}]'"
            ) from error


SINKS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        made.name: made
        for made in (
            Format("jsonl", "jsonl:Jsonl", (".jsonl", ".ndjson")),
            Format("json", "json:Json", (".json",)),
            Format("csv", "csv:Csv", (".csv",)),
            Format("parquet", "parquet:Parquet", (".parquet",), extra="parquet"),
            Format("arrow", "arrow:Arrow", (".arrow", ".feather"), extra="parquet"),
            Format("delta", "delta:Delta", (".delta",), extra="delta"),
            Format("xlsx", "xlsx:Xlsx", (".xlsx",), extra="excel"),
            Format("duckdb", "duckdb:DuckDB", (".duckdb",), extra="duckdb", database=True),
            Format(
                "postgresql",
                "postgresql:PostgreSQL",
                (),
                extra="postgres",
                database=True,
                schemes=("postgresql", "postgres"),
            ),
            Format("sqlite", "sqlite:SQLite", (".sqlite", ".sqlite3", ".db"), database=True),
        )
    }
)
"""All formats by name."""
