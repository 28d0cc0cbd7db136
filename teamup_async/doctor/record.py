"""Writes down how an account's API answers, with made-up values instead of its own: for tests on real shapes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from random import SystemRandom
from typing import Any, Final

import attrs

from .._version import __version__
from ..dialect import Dialect
from ..endpoint import Endpoint
from ..endpoints import ENDPOINTS
from ..errors import ConfigurationError
from ..rows import expandable_paths
from .desk import Desk, SpentError
from .diagnosis import Diagnosis
from .disguise import Disguise, vocabulary
from .recordings import INDEX, Recording
from .reply import Reply

__all__ = ["record"]

_ROWS: Final = 25
_EXPANDED: Final = 5
_MOST: Final = 240
"""Requests that a recording sends at most: less than the quota of a minute."""


async def record(
    desk: Desk,
    diagnosis: Diagnosis,
    directory: str | os.PathLike[str],
    told: Callable[[int, str], object] | None,
) -> list[Recording]:
    """Ask every endpoint for a small page, and write the answers into `directory`, in disguise.

    Raises `ConfigurationError` for a directory that can't be written, or has other files in it.
    """
    place = Path(directory)
    _check(place)
    desk.most, desk.sent = _MOST, 0
    asked: list[tuple[str, Endpoint[..., Any], dict[str, Any], Reply]] = []
    try:
        for endpoint in ENDPOINTS:
            if told is not None:
                told(desk.sent, f"recording {endpoint.full_name}")
            for suffix, parameters in _questions(endpoint, diagnosis.dialect):
                reply = await desk.ask(endpoint, **parameters)
                asked.append((f"{endpoint.full_name}{suffix}", endpoint, parameters, reply))
                if not reply.ok:
                    break
    except SpentError:
        pass  # what was asked is recorded
    recordings = _disguised(asked)
    _write(place, recordings, diagnosis, secrets=desk.credentials.secrets)
    return recordings


def _questions(endpoint: Endpoint[..., Any], dialect: Dialect) -> list[tuple[str, dict[str, Any]]]:
    """What is asked of an endpoint: a page as it comes, and one with its objects whole."""
    if endpoint.envelope.name == "list":
        order = {"sort": [endpoint.order.sort]} if endpoint.order else {}
        plain: dict[str, Any] = {"page_size": _ROWS, **order}
        if endpoint.order and "." in endpoint.order.field:  # a walk looks into this object
            plain["expand"] = [endpoint.order.field.partition(".")[0]]
        whole = [path for path in expandable_paths(endpoint.row) if "." not in path]
        expanded = {"page_size": _EXPANDED, **order, "expand": whole}
        return [("", plain), (".expanded", expanded)] if whole else [("", plain)]
    size = {"page_size": _ROWS, "page": 1} if dialect.paging == "page" else {"limit": _ROWS, "offset": 0}
    columns = next((parameter for parameter in endpoint.filters if parameter.name == "columns"), None)
    parameters: dict[str, Any] = {**size}
    if columns is not None and (columns.required or dialect.default_columns == "few"):
        flat = {full: alias for alias, full in endpoint.aliases.items()}
        dotted = dialect.column_names == "dotted"
        parameters["columns"] = [
            path if dotted else flat.get(path, path) for path in endpoint.paths if path in columns.enum
        ]
    if endpoint.has_id and not endpoint.grouped and dialect.sort_by_id == "honoured":
        parameters["sort"] = ["id"]
    return [("", parameters)]


def _disguised(asked: list[tuple[str, Endpoint[..., Any], dict[str, Any], Reply]]) -> list[Recording]:
    words = vocabulary()
    learnt: list[Any] = []
    for _, endpoint, _, reply in asked:
        if reply.ok:
            learnt.append(_values(endpoint, reply.data))
    disguise = Disguise.of(learnt, words=words, chance=SystemRandom())
    return [
        Recording(
            name,
            endpoint.full_name,
            parameters,
            reply.status,
            _answer(endpoint, reply.data, disguise) if reply.ok else None,
        )
        for name, endpoint, parameters, reply in asked
    ]


def _values(endpoint: Endpoint[..., Any], data: Mapping[str, Any]) -> Any:
    """All of an answer that is replaced."""
    envelope = endpoint.envelope
    rest = {name: value for name, value in data.items() if name not in (envelope.total, "column_headers")}
    headers: list[Any] = data.get("column_headers") or []
    return [rest, [_odd(header) for header in headers]]


def _odd(header: Mapping[str, Any]) -> dict[str, Any]:
    """A header's own values: a label that only repeats its key is none."""
    key, label = str(header.get("key")), str(header.get("label"))
    if "".join(filter(str.isalnum, key)).lower() == "".join(filter(str.isalnum, label)).lower():
        return {}
    return {"label": label, key: None}


def _answer(endpoint: Endpoint[..., Any], data: Mapping[str, Any], disguise: Disguise) -> dict[str, Any]:
    """The answer in disguise; how many rows there are is said as it was."""
    made: dict[str, Any] = {}
    for name, value in data.items():
        if name == endpoint.envelope.total:
            made[name] = value
        elif name == "column_headers":
            made[name] = [
                {**header, "key": disguise.key(str(header.get("key"))), **_label(header, disguise)}
                for header in value
            ]
        else:
            made[disguise.key(name)] = disguise.worn(value, name)
    return made


def _label(header: Mapping[str, Any], disguise: Disguise) -> dict[str, Any]:
    odd = _odd(header)
    return {"label": disguise.worn(odd["label"], "label")} if odd else {}


# --- files ------------------------------------------------------------------------------------------------


def _check(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True)
        others = [file.name for file in place.iterdir() if not file.name.endswith(".json")]
        if others or (any(place.iterdir()) and not (place / INDEX).exists()):
            raise ConfigurationError(
                f"{place} holds other files: give a new folder, or one of an older recording"
            )
    except OSError as error:
        raise ConfigurationError(f"cannot write into {place}: {error.strerror or error}") from None


def _write(
    place: Path, recordings: list[Recording], diagnosis: Diagnosis, *, secrets: tuple[str, ...]
) -> None:
    index = {
        "version": __version__,
        "dialect": dict(diagnosis.deviations),
        "undecided": [one.field for one in diagnosis.findings if one.value is None],
        "answers": [
            {"name": one.name, "endpoint": one.endpoint, "status": one.status, "rows": one.body is not None}
            for one in recordings
        ],
    }
    files = {f"{one.name}.json": attrs.asdict(one) for one in recordings if one.body is not None}
    files[INDEX] = index
    texts = {
        name: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for name, content in files.items()
    }
    if any(secret in text for secret in secrets for text in texts.values()):
        raise ConfigurationError("nothing was recorded: an answer holds the token in the name of a field")
    try:
        for old in place.glob("*.json"):
            old.unlink()
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write into {place}: {error.strerror or error}") from None
