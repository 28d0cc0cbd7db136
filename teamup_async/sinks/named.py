"""Sinks by what people write: ``duckdb:gym.duckdb``, ``parquet:data/``, ``report.csv``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import ConfigurationError, nearest
from .base import Sink
from .locations import is_url, shown
from .table import SINKS

__all__ = ["format_named", "format_of", "possible_endings", "sink_named", "without_password"]


def format_of(path: str | Path) -> str:
    """The name of the format that the ending of `path` says. Raises `ConfigurationError` for another ending."""
    ending = Path(path).suffix.lower()
    for made in SINKS.values():
        if ending in made.endings:
            return made.name
    said = f"no format has the ending {ending}" if ending else f"{str(path)!r} has no ending"
    raise ConfigurationError(f"{said}: use one of {possible_endings()}, or write FORMAT:PATH")


def possible_endings() -> str:
    """All endings, for messages."""
    return ", ".join(ending for made in SINKS.values() for ending in made.endings)


def without_password(text: str) -> str:
    """A place for people: of a URL nothing is shown that may be a password."""
    scheme, separator, rest = text.partition("://")
    return f"{scheme}://..." if separator and ("@" in rest or "?" in rest) else text


def format_named(text: str) -> str:
    """The name of the format that ``FORMAT:PATH``, a path or a URL says. Raises `ConfigurationError` for another."""
    return _parted(text)[0]


def sink_named(text: str, **options: Any) -> Sink:
    """The sink that `text` means: ``FORMAT:PATH``, a path whose ending tells the format, or a database's URL.

    `options` go to the sink. Raises `ConfigurationError` for an unknown format, `SinkError` where the package
    that it needs is missing.
    """
    kind, path = _parted(text)
    sink: Sink = SINKS[kind].load()(path, **options)
    return sink


def _parted(text: str) -> tuple[str, str]:
    scheme, separator, _ = text.partition("://")
    for made in SINKS.values():
        if separator and scheme.lower() in made.schemes:
            return made.name, text
    kind, colon, path = text.partition(":")
    if not colon or len(kind) == 1:  # one letter and a colon is a drive
        kind, path = format_of(text), text
    elif kind not in SINKS and is_url(text) and Path(shown(text)).suffix:
        kind, path = format_of(shown(text)), text
    if kind not in SINKS:
        near = nearest(kind, SINKS)
        hint = f"; did you mean {without_password(f'{near}:{path}')}?" if near else "."
        raise ConfigurationError(
            f"no format in {without_password(text)!r}{hint} Write FORMAT:PATH, with one of: {', '.join(SINKS)}"
        )
    if not path:
        raise ConfigurationError(f"{text!r} has no path: write {kind}:PATH")
    if SINKS[kind].database and is_url(path):
        raise ConfigurationError(
            f"{kind} is a file of this machine, and {shown(path)} is none: use delta, parquet or other files"
        )
    return kind, path
