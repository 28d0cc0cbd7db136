"""Sinks by what people write: ``duckdb:gym.duckdb``, ``parquet:data/``, ``report.csv``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final

from ..errors import ConfigurationError, nearest
from .base import Sink, SinkError

__all__ = ["FORMATS", "sink_named"]

FORMATS: Final = {
    "jsonl": ("jsonl", "Jsonl"),
    "csv": ("csv", "Csv"),
    "parquet": ("arrow", "Parquet"),
    "arrow": ("arrow", "Arrow"),
    "duckdb": ("duckdb", "DuckDB"),
    "sqlite": ("sqlite", "SQLite"),
}
"""Module and class of each format."""
_SUFFIXES: Final = {".db": "sqlite", ".sqlite3": "sqlite", ".feather": "arrow", ".ndjson": "jsonl"}


def sink_named(text: str) -> Sink:
    """The sink that `text` means: ``FORMAT:PATH``, or a path whose suffix tells the format.

    Raises `ConfigurationError` for an unknown format, `SinkError` where the package that it needs is missing.
    """
    kind, colon, path = text.partition(":")
    if not colon or len(kind) == 1:  # one letter and a colon is a drive
        suffix = Path(text).suffix.lower()
        kind, path = _SUFFIXES.get(suffix, suffix.removeprefix(".")), text
    if kind in FORMATS and not path:
        raise ConfigurationError(f"no place in {text!r}: write {kind}:PATH")
    if kind not in FORMATS:
        near = nearest(kind, FORMATS)
        hint = f"; did you mean {near}:{path}?" if near else "."
        raise ConfigurationError(
            f"no format in {text!r}{hint} Write FORMAT:PATH, with one of: {', '.join(FORMATS)}"
        )
    module, name = FORMATS[kind]
    try:
        made = getattr(import_module(f"{__package__}.{module}"), name)
    except ModuleNotFoundError as error:
        extra = "duckdb" if kind == "duckdb" else "parquet"
        raise SinkError(
            f"{kind} needs the package {error.name}: pip install 'teamup-async[{extra}]'"
        ) from error
    sink: Sink = made(path)
    return sink
