"""Where rows go: straight into a stream, or into a store that a stopped run can go on with. Pure."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import attrs

from ..errors import QueryError
from ..sinks.locations import in_a_store
from ..sinks.named import format_of, without_password
from ..sinks.table import SINKS
from .formats import Format
from .options import Kind

__all__ = ["Store", "Stream", "place_of"]

_TEXTS: Final[Mapping[str, Format]] = {"jsonl": "jsonl", "json": "json", "csv": "csv", "table": "table"}
"""What can be written row by row; the other formats need a place that they can come back to."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+]+", re.ASCII)


@attrs.frozen
class Stream:
    """Rows are written as they come: to standard output (`path` None), a device, or a file that appears whole."""

    path: Path | None
    format: Format


@attrs.frozen
class Store:
    """Rows go into what `sink` names (``FORMAT:PATH``, a path, a URL): files of a folder, a file, a database."""

    sink: str = attrs.field(repr=False)  # a URL may hold a password


def place_of(output: str | None, format: Kind | None, *, alone: bool, terminal: bool) -> Stream | Store:
    """What `output` and `format` mean. `alone`: one report of one account; `terminal`: standard output is one.

    Raises `QueryError` for what does not fit.
    """
    if output is None or output == "-":
        if not alone:
            raise QueryError(
                "output is needed where there are several reports or accounts: -o FOLDER, -o gym.duckdb, "
                "-o parquet:FOLDER",
                parameter="output",
            )
        return Stream(None, _text(format) or ("table" if terminal else "jsonl"))
    path = Path(output)
    if alone and _is_device(path):
        return Stream(path, _text(format) or "jsonl")
    if not path.suffix or _scheme(output):
        return Store(_sink(output, format))
    said = "table" if path.suffix.lower() == ".txt" else format_of(path)
    if format not in (None, said):
        raise _disagree(format, output)
    if alone and said in _TEXTS:
        return Stream(path, _TEXTS[said])
    return Store(output)


def _is_device(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False  # nothing is there, or the name can't be one; writing will tell
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _text(format: Kind | None) -> Format | None:
    if format is None or format in _TEXTS:
        return None if format is None else _TEXTS[format]
    raise QueryError(
        f"format {format} can't go to standard output: give it a place with -o",
        parameter="format",
        value=format,
    )


def _scheme(output: str) -> str | None:
    """What stands before a colon, where that is no drive: a format, perhaps a misspelt one."""
    kind, colon, _ = output.partition(":")
    return kind if colon and _SCHEME.fullmatch(kind) else None


def _sink(output: str, format: Kind | None) -> str:
    """``FORMAT:PATH`` for `output`; a folder has no format of its own."""
    scheme = _scheme(output)
    if format is None:
        return output if scheme else f"jsonl:{output}"
    if format == "table":
        raise QueryError("format table is for a terminal or one .txt file", parameter="format", value=format)
    if "://" in output and not (scheme in SINKS or in_a_store(output)):
        raise QueryError(
            f"format {format} is for a folder or file, not for {without_password(output)}",
            parameter="format",
            value=format,
        )
    if scheme in SINKS and scheme != format:
        raise _disagree(format, output)
    return output if scheme in SINKS else f"{format}:{output}"


def _disagree(format: Kind | None, output: str) -> QueryError:
    return QueryError(
        f"format {format} and {without_password(output)} say different things",
        parameter="format",
        value=format,
    )
