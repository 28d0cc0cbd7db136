"""Changes to `teamup.toml`, which leave the rest of the file as its author wrote it, comments included."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from ..errors import ConfigurationError

__all__ = ["save_dialect", "with_dialect"]


def with_dialect(
    text: str, account: str | None, found: Mapping[str, str], deviations: Mapping[str, str]
) -> str:
    """The text of a configuration file that says which dialect an account speaks; None: at the top.

    `found` are all fields that are known now, `deviations` those among them that are not the default. What the file
    says of other fields stays, and so does what it says for all accounts. Raises `ConfigurationError`.
    """
    try:
        document = tomlkit.parse(text)
        table: Any = document
        shared: dict[str, str] = {}
        if account is not None:
            table = document["accounts"][account]
            shared = document.unwrap().get("dialect", {})
        dialect: Any = table.get("dialect")
        fresh = dialect is None
        dialect = tomlkit.inline_table() if fresh else dialect
        for field, value in found.items():
            if field in deviations or shared.get(field, value) != value:
                if dialect.get(field, shared.get(field)) != value:
                    dialect[field] = value
            elif field in dialect:
                del dialect[field]
        if not dialect:
            table.pop("dialect", None)
        elif fresh or (isinstance(dialect, InlineTable) and tomlkit.dumps(document) != text):
            table["dialect"] = _tidy(dialect)
        return tomlkit.dumps(document)
    except (TOMLKitError, KeyError) as error:
        raise ConfigurationError(f"the file can't be changed: {error}") from None


def _tidy(dialect: Mapping[str, Any]) -> InlineTable:
    """The same inline table, without the gaps that deleted fields leave."""
    tidy = tomlkit.inline_table()
    for field, value in dialect.items():
        tidy[field] = str(value)
    return tidy


def save_dialect(
    file: Path, account: str | None, found: Mapping[str, str], deviations: Mapping[str, str]
) -> bool:
    """Write it into `file`, which appears whole or not at all and keeps its permissions; whether anything changed.

    Raises `ConfigurationError`.
    """
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        after = with_dialect(before, account, found, deviations)
        if after == before:
            return False
        target = file.resolve()  # a link stays one
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as written:
                written.write(after)
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(f"cannot write {file}: {error.strerror or error}") from None
    return True
