"""Accounts: who pulls, and where their tokens are kept. Never on a command line, never in a plan."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import attrs

from .._bulk.plan import NAME
from ..auth import check_provider_id, check_token
from ..errors import ConfigurationError, clip, nearest

__all__ = ["Account", "load_accounts"]


@attrs.frozen(kw_only=True)
class Account:
    """A provider account. `name` names its folder, or its rows in a database.

    The token is in no repr, and an account is not pickled.
    """

    token: str = attrs.field(repr=False)
    provider_id: int | str | None = None
    name: str
    auth_scheme: str | None = None
    mode: str | None = None
    base_url: str | None = None

    def __attrs_post_init__(self) -> None:
        check_token(self.token, "token")
        if self.provider_id is not None:
            check_provider_id(self.provider_id)

    def __reduce__(self) -> Any:
        raise TypeError("an Account holds a token and is not pickled; load it where it is used")


_KEYS: Final = ("name", "provider_id", "auth_scheme", "mode", "base_url")
_TOKENS: Final = ("token", "token_env", "token_file", "token_keyring")


def load_accounts(
    path: str | os.PathLike[str], *, environment: Mapping[str, str] | None = None
) -> tuple[Account, ...]:
    """Accounts from a TOML file:

        [[account]]
        name = "north"
        provider_id = 123
        token_env = "NORTH_TOKEN"          # a variable of the environment, or
        # token_file = "north.token"       # a file that only its owner may read, or
        # token_keyring = "teamup"         # a service of the system's keyring (extra `keyring`); the user is the name

    ``token = "..."`` in the file itself is accepted if only its owner may read it. Raises `ConfigurationError`.
    """
    place = Path(path)
    try:
        content = tomllib.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read {place}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{place} is not TOML: {error}") from None
    entries = content.get("account")
    if not isinstance(entries, list) or not entries or set(content) != {"account"}:
        raise ConfigurationError(f"{place} must hold [[account]] tables, and nothing else")
    env = os.environ if environment is None else environment
    accounts = tuple(_account(place, entry, env) for entry in entries)  # pyright: ignore[reportUnknownVariableType]
    names = [account.name.casefold() for account in accounts]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"{place}: two accounts are called {name!r}")
    return accounts


def _account(place: Path, entry: Any, environment: Mapping[str, str]) -> Account:
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{place} must hold [[account]] tables, and nothing else")
    values: dict[str, Any] = dict(entry)  # pyright: ignore[reportUnknownArgumentType]
    for key in values:
        if key not in (*_KEYS, *_TOKENS):
            near = nearest(key, (*_KEYS, *_TOKENS))
            hint = f"; did you mean {near!r}?" if near else ""
            raise ConfigurationError(f"{place}: an account has no {key!r}{hint}")
    name = values.get("name")
    if not isinstance(name, str):
        raise ConfigurationError(f"{place}: each account needs a name")
    if not NAME.fullmatch(name):
        raise ConfigurationError(
            f"{place}: the name of an account must be made of letters, digits, '_', '.' and '-', not {name!r}"
        )
    ways = [key for key in _TOKENS if key in values]
    if len(ways) != 1:
        raise ConfigurationError(f"{place}: account {name!r} needs one of {', '.join(_TOKENS)}")
    for key in (*ways, "auth_scheme", "mode", "base_url"):
        if not isinstance(values.get(key, ""), str):
            raise ConfigurationError(f"{place}: account {name!r}: {key} must be text")
    token = _token(place, name, ways[0], values[ways[0]], environment)
    try:
        return Account(token=token, **{key: values[key] for key in _KEYS if key in values})
    except ConfigurationError as error:
        raise ConfigurationError(f"{place}: account {name!r}: {error}") from None


def _token(place: Path, name: str, way: str, value: str, environment: Mapping[str, str]) -> str:
    if way == "token":
        _check_private(place)
        return value
    if way == "token_env":
        if not environment.get(value):
            raise ConfigurationError(f"{place}: account {name!r}: the variable {value} is not set")
        return environment[value].strip()
    if way == "token_file":
        file = place.parent / Path(value).expanduser()
        _check_private(file)
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"{place}: account {name!r}: cannot read {file}") from None
    return _from_keyring(place, name, value)


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


def _from_keyring(place: Path, name: str, service: str) -> str:
    try:
        keyring = import_module("keyring")
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"{place}: account {name!r} needs the package keyring: pip install 'teamup-async[keyring]'"
        ) from None
    try:
        found = keyring.get_password(service, name)
    except Exception as error:  # noqa: BLE001 - each backend has errors of its own: none there, locked, refused, ...
        raise ConfigurationError(
            f"{place}: account {name!r}: the keyring can't be read: {clip(' '.join(str(error).split()), 200)}"
        ) from None
    if not found:
        raise ConfigurationError(
            f"{place}: account {name!r} has no entry in the keyring: keyring set {service} {name}"
        )
    return str(found)
