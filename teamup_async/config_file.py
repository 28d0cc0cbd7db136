"""`teamup.toml`: settings of one account or many, for `TeamUp.from_config`, `load_accounts` and the command line.

timezone = "Europe/London"          # settings at the top hold for every account

[accounts.north]
provider_id = 714001
token_env = "NORTH_TOKEN"           # or token_file, token_keyring; `token` itself only in a private file
dialect = { sort_by_id = "ignored" }

[accounts.south]
...
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn, cast, get_args
from urllib.parse import urlsplit

import attrs

from ._json import is_object
from .auth import AuthScheme, Mode, check_provider_id
from .config import check_base_url, check_rate, is_loopback
from .dialect import Dialect
from .errors import ConfigurationError, nearest
from .token_sources import TOKEN_KEYS, read_token, token_place

__all__ = ["ACCOUNT_NAME", "FILE_NAME", "KEYS", "VARIABLES", "ConfigFile", "find_config", "read_config"]

FILE_NAME: Final = "teamup.toml"
ACCOUNT_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", re.ASCII)
_VENDOR: Final = "goteamup.com"


# --- values -----------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigurationError("must be text")
    return value


def _among(literal: Any) -> Callable[[Any], str]:
    allowed: tuple[str, ...] = get_args(literal)

    def check(value: Any) -> str:
        text = _text(value)
        for known in allowed:
            if text.lower() == known.lower():
                return known
        near = nearest(text, allowed)
        hint = f"; did you mean {near!r}?" if near else "."
        raise ConfigurationError(f"does not know {text!r}{hint} Allowed: {', '.join(allowed)}")

    return check


def _positive(kind: tuple[type, ...], words: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, kind) or not value > 0:  # type: ignore[operator]
            raise ConfigurationError(f"must be {words}, not {value!r}")
        return value

    return check


def _dialect(value: Any) -> Mapping[str, str]:
    if not is_object(value):
        raise ConfigurationError('must be a table, such as { sort_by_id = "ignored" }')
    if not all(isinstance(each, str) for each in value.values()):
        raise ConfigurationError('takes text, such as { sort_by_id = "ignored" }')
    try:
        Dialect.from_settings(value)
    except ConfigurationError as error:
        raise ConfigurationError(f"dialect: {error}") from None
    return value


_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(TOKEN_KEYS, _text),
    "provider_id": check_provider_id,
    "mode": _among(Mode),
    "auth_scheme": _among(AuthScheme),
    "base_url": lambda value: check_base_url(_text(value)),
    "dialect": _dialect,
    "timezone": _text,
    "rate": check_rate,
    "concurrency": _positive((int,), "a whole number of 1 or more"),
    "timeout": _positive((int, float), "more than 0 seconds"),
}
KEYS: Final = tuple(_CHECKS)
"""What a table may say, at the top or for an account."""

_EVERYWHERE: Final = ("timezone", "concurrency", "timeout")
"""Settings of a run, which several accounts may share."""
_TOP: Final = ("default", "accounts")
VARIABLES: Final = {
    "token": "TEAMUP_TOKEN",
    "provider_id": "TEAMUP_PROVIDER_ID",
    "mode": "TEAMUP_REQUEST_MODE",
    "auth_scheme": "TEAMUP_AUTH_SCHEME",
    "base_url": "TEAMUP_BASE_URL",
}
"""Variables of the environment that stand for a setting."""


# --- the file ---------------------------------------------------------------------------------------------


@attrs.frozen
class ConfigFile:
    """What `teamup.toml` says, checked. `path`: None where there is no such file.

    `shared` holds for every account, `accounts` are the tables by name, `default` names the one that is meant where
    none is named.
    """

    path: Path | None = None
    shared: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    accounts: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict[str, Mapping[str, Any]], repr=False)
    default: str | None = None

    def __reduce__(self) -> Any:
        raise TypeError("a ConfigFile may hold tokens and is not pickled; read it where it is used")

    def chosen(self, name: str | None) -> str | None:
        """The account that is meant: the one named, the default, or the only one. Raises `ConfigurationError`."""
        if name is not None and name not in self.accounts:
            near = nearest(name, self.accounts)
            hint = f"; did you mean {near!r}?" if near else "."
            where = self.path or f"no {FILE_NAME} was found: it"
            known = f" Known: {', '.join(self.accounts)}" if self.accounts else ""
            raise ConfigurationError(f"{where} has no account {name!r}{hint}{known}")
        if name is None:
            name = self.default or (next(iter(self.accounts)) if len(self.accounts) == 1 else None)
        return name

    def settings(self, name: str | None) -> dict[str, Any]:
        """The settings of an account, those at the top included; None for those alone. No token is read."""
        own: Mapping[str, Any] = {} if name is None else self.accounts[name]
        merged = {**self.shared, **own}
        if "dialect" in self.shared and "dialect" in own:
            merged["dialect"] = {**self.shared["dialect"], **own["dialect"]}
        return {key: value for key, value in merged.items() if key not in TOKEN_KEYS}

    def keeps_token(self, name: str | None) -> bool:
        """Whether the file says where the token of that account is; None: at the top."""
        return any(key in table for table in self._tables(name) for key in TOKEN_KEYS)

    def token(self, name: str | None, environment: Mapping[str, str]) -> str | None:
        """The token of an account, None where the file does not say where it is kept. Raises `ConfigurationError`."""
        for table in self._tables(name):
            for key in TOKEN_KEYS:
                if key in table:
                    assert self.path is not None
                    try:
                        return read_token(
                            key, table[key], file=self.path, user=name or "teamup", environment=environment
                        )
                    except ConfigurationError as error:
                        whose = "" if name is None else f"account {name!r}: "
                        named = str(error).startswith(f"{self.path} ")
                        place = "" if named else f"{self.path}: {whose}"
                        raise ConfigurationError(f"{place}{error}") from None
        return None

    def token_place(self, name: str | None) -> str | None:
        """Where the token of an account is kept, in words; None where the file does not say it."""
        for table in self._tables(name):
            for key in TOKEN_KEYS:
                if key in table and self.path is not None:
                    return token_place(key, table[key], file=self.path, user=name or "teamup")
        return None

    def _tables(self, name: str | None) -> Iterator[Mapping[str, Any]]:
        if name is not None:
            yield self.accounts[name]
        yield self.shared


def find_config(environment: Mapping[str, str]) -> tuple[Path, bool] | None:
    """The file that holds where none is named, and whether its place is one that only the user decides.

    It is what ``TEAMUP_CONFIG`` names, else ``teamup.toml`` in the working directory, else
    ``~/.config/teamup/teamup.toml`` (``XDG_CONFIG_HOME`` and, on Windows, ``APPDATA`` instead of ``~/.config``).
    """
    named = environment.get("TEAMUP_CONFIG")
    if named:
        return Path(named).expanduser(), True
    here = Path(FILE_NAME)
    if here.is_file():
        return here, False
    home = environment.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME")
    own = (Path(home) if home else Path.home() / ".config") / "teamup" / FILE_NAME
    return (own, True) if own.is_file() else None


def read_config(
    path: str | os.PathLike[str] | None = None, *, environment: Mapping[str, str] | None = None
) -> ConfigFile:
    """The file at `path`, or the one that `find_config` finds; an empty one where there is none.

    Raises `ConfigurationError`, with the file and the line, for what is not understood.
    """
    env = os.environ if environment is None else environment
    found = find_config(env) if path is None else (Path(path), True)
    if found is None:
        return ConfigFile()
    file, trusted = found
    try:
        text = file.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(f"cannot read {file}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from None
    return _Reader(file, text, trusted).config(content)


@attrs.frozen
class _Reader:
    """Checks what a file says; `trusted`: nobody but the user decided that it is read."""

    file: Path
    text: str
    trusted: bool

    def config(self, content: Mapping[str, Any]) -> ConfigFile:
        shared = {key: value for key, value in content.items() if key not in _TOP}
        if "account" in content:
            self.refuse("write [accounts.NAME] instead of [[account]] and its name", None, "account")
        accounts = self.named(content)
        names = [name.casefold() for name in accounts]
        for name in names:
            if names.count(name) > 1:
                self.refuse(f"two accounts are called {name!r}", None, "accounts")
        default = content.get("default")
        if default is not None and default not in accounts:
            self.refuse(f"default must name an account, not {default!r}", None, "default")
        return ConfigFile(
            path=self.file,
            shared=self.table(shared, None),
            accounts={name: self.table(table, name) for name, table in accounts.items()},
            default=default,
        )

    def named(self, content: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        tables = content.get("accounts", {})
        if not is_object(tables) or not all(is_object(table) for table in tables.values()):
            self.refuse("accounts must be tables: [accounts.NAME]", None, "accounts")
        for name in tables:
            self.check_name(name)
        return dict(cast("Mapping[str, Mapping[str, Any]]", tables))

    def check_name(self, name: str) -> None:
        if not ACCOUNT_NAME.fullmatch(name):
            self.refuse(
                "the name of an account must be made of letters, digits, '_', '.' and '-', and begin with a letter or "
                f"digit, not {name!r}",
                None,
                "accounts",
            )

    def table(self, given: Mapping[str, Any], account: str | None) -> dict[str, Any]:
        """A table whose keys and values are right."""
        known = (*_CHECKS, *(() if account else _TOP))
        for key, value in given.items():
            if account is not None and key in _EVERYWHERE[1:]:
                self.refuse(f"{key} holds for all accounts: write it at the top", account, key)
            if key not in _CHECKS:
                near = nearest(key, known)
                hint = f"; did you mean {near!r}?" if near else f". Known: {', '.join(known)}"
                self.refuse(f"there is no setting {key!r}{hint}", account, key)
            try:
                _CHECKS[key](value)
            except ConfigurationError as error:
                text = str(error)
                self.refuse(text if text.startswith(key) else f"{key} {text}", account, key)
        ways = [key for key in TOKEN_KEYS if key in given]
        if len(ways) > 1:
            self.refuse(f"say once where the token is: {' or '.join(ways)}", account, ways[1])
        if "base_url" in given and not self.trusted:
            self.check_origin(given["base_url"], account)
        return dict(given)

    def check_origin(self, url: str, account: str | None) -> None:
        """A file that was merely found, perhaps in somebody else's repository, must not send a token elsewhere."""
        host = (urlsplit(url).hostname or "").lower()
        if host == _VENDOR or host.endswith(f".{_VENDOR}") or is_loopback(host):
            return
        self.refuse(
            f"base_url leads to {host}; a file that was only found in this folder may not send a token there. To allow "
            f"it, name the file: --config {self.file}, or TEAMUP_CONFIG",
            account,
            "base_url",
        )

    def refuse(self, text: str, account: str | None, key: str) -> NoReturn:
        """Raise `ConfigurationError` with the place in the file."""
        line = self.line(account, key)
        where = f"{self.file}, line {line}" if line else str(self.file)
        whose = "" if account is None else f"account {account!r}: "
        raise ConfigurationError(f"{where}: {whose}{text}")

    def line(self, account: str | None, key: str) -> int | None:
        """The line where `key` is set, or where its table begins; None where the file is written in another way."""
        begins, inside = None, account is None
        for number, line in enumerate(self.text.splitlines(), 1):
            words = line.strip()
            if words.startswith("["):
                header = words.strip("[] ").replace('"', "").replace("'", "")
                inside = account is not None and header in (
                    f"accounts.{account}",
                    f"accounts.{account}.{key}",
                )
                begins = number if inside or (account is None and header.startswith(key)) else begins
            elif inside and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*[=.]", words):
                return number
        return begins
