"""Answers that were recorded: what the files of a recording hold."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from ..dialect import Dialect
from ..errors import ConfigurationError

__all__ = ["INDEX", "Recording", "read_recordings"]

INDEX: Final = "recording.json"
"""The file that tells of the others."""


@attrs.frozen
class Recording:
    """An answer that was recorded, in disguise.

    `name` is its file without the ending, `endpoint` the full name of what was asked, `parameters` the query, `status`
    what came, `body` the answer, None where it was no page of rows.
    """

    name: str
    endpoint: str
    parameters: Mapping[str, Any]
    status: int
    body: Any = attrs.field(repr=False)


def read_recordings(directory: str | os.PathLike[str]) -> tuple[Dialect, list[Recording]]:
    """The dialect and the answers of a recording. Raises `ConfigurationError`."""
    place = Path(directory)
    try:
        index = json.loads((place / INDEX).read_text(encoding="utf-8"))
        names = [answer["name"] for answer in index["answers"] if answer["rows"]]
        files = [json.loads((place / f"{name}.json").read_text(encoding="utf-8")) for name in names]
        return Dialect.from_settings(index["dialect"]), [Recording(**file) for file in files]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(f"{place} holds no recording: {error}") from None
