"""Where a token is kept: a variable of the environment, a file of its own, or the system's keyring."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

from .errors import ConfigurationError, clip

__all__ = ["TOKEN_KEYS", "read_token", "token_place"]

TOKEN_KEYS: Final = ("token", "token_env", "token_file", "token_keyring")
"""What a table of `teamup.toml` says about its token: one of these."""


def read_token(key: str, value: str, *, file: Path, user: str, environment: Mapping[str, str]) -> str:
    """The token that ``key = value`` in `file` stands for; `user` is whom the keyring knows it by.

    Raises `ConfigurationError`, which never shows a token.
    """
    if key == "token":
        _check_private(file)
        return value
    if key == "token_env":
        if not environment.get(value):
            raise ConfigurationError(f"the variable {value} is not set")
        return environment[value].strip()
    if key == "token_file":
        kept = file.parent / Path(value).expanduser()
        _check_private(kept)
        try:
            token = kept.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"cannot read {kept}") from None
        if len(token.split()) != 1:
            raise ConfigurationError(
                f"{kept} must hold a token and nothing else, and {'has more' if token else 'is empty'}"
            )
        return token
    return _from_keyring(value, user)


def token_place(key: str, value: str, *, file: Path, user: str) -> str:
    """Where ``key = value`` in `file` says that a token is, in words."""
    match key:
        case "token_env":
            return f"the variable {value}"
        case "token_file":
            return f"the file {file.parent / Path(value).expanduser()}"
        case "token_keyring":
            return f"the keyring (keyring set {value} {user})"
        case _:
            return f"the file {file}"


def _check_private(file: Path) -> None:
    """A file with a token must be closed to others (where files have such permissions)."""
    if os.name != "posix":
        return
    try:
        mode = file.stat().st_mode
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror or error}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{file} holds a token and can be read by others: chmod 600 {file}")


def _from_keyring(service: str, user: str) -> str:
    try:
        keyring = import_module("keyring")
    except ModuleNotFoundError:
        raise ConfigurationError(
            "the token is in the keyring, and the package keyring is missing: pip install 'teamup-async[keyring]'"
        ) from None
    try:
        found = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - each backend has errors of its own: none there, locked, refused, ...
        raise ConfigurationError(
            f"the keyring can't be read: {clip(' '.join(str(error).split()), 200)}"
        ) from None
    if not found:
        raise ConfigurationError(f"there is no entry in the keyring: keyring set {service} {user}")
    return str(found)
