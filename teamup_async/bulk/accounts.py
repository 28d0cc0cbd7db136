"""Accounts: who pulls, and where their tokens are kept. Never on a command line, never in a plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ..auth import check_provider_id, check_token
from ..config_file import ConfigFile, read_config
from ..dialect import Dialect
from ..errors import ConfigurationError

__all__ = ["Account", "account_names", "load_accounts"]


@attrs.frozen(kw_only=True)
class Account:
    """A provider account. Its token is in no repr, and it is not pickled.

    * `token`: the access token.
    * `name`: names its folder, or its rows in a database.
    * `provider_id`: the business to read; needed where the token reaches several.
    * `rate`: requests a minute, if not those of all accounts.
    * `mode`, `auth_scheme`, `base_url`, `dialect`: as in `TeamUp`, if not those of all accounts.

    Raises `ConfigurationError` for a token or provider that can't be one.
    """

    token: str = attrs.field(repr=False)
    provider_id: int | str | None = None
    name: str
    auth_scheme: str | None = None
    mode: str | None = None
    base_url: str | None = None
    dialect: Dialect | None = None
    rate: int | None = None

    def __attrs_post_init__(self) -> None:
        check_token(self.token, "token")
        if self.provider_id is not None:
            check_provider_id(self.provider_id)

    def __reduce__(self) -> Any:
        raise TypeError("an Account holds a token and is not pickled; load it where it is used")


def load_accounts(
    path: str | os.PathLike[str],
    *,
    environment: Mapping[str, str] | None = None,
    names: Iterable[str] | None = None,
) -> tuple[Account, ...]:
    """The accounts of a `teamup.toml`, or those of them called `names`:

        [accounts.north]
        provider_id = 123
        token_env = "NORTH_TOKEN"          # a variable of the environment, or
        # token_file = "north.token"       # a file that only its owner may read, or
        # token_keyring = "teamup"         # a service of the system's keyring (extra `keyring`); the user is the name

    ``token = "..."`` in the file itself is accepted if only its owner may read it. `path` is the file, `environment`
    has the variables (``os.environ`` by default). Raises `ConfigurationError`.
    """
    config = read_config(path)
    if not config.accounts:
        raise ConfigurationError(f"{config.path} must hold a table for each account: [accounts.NAME]")
    env = os.environ if environment is None else environment
    wanted = tuple(config.accounts) if names is None else tuple(names)
    for name in wanted:
        if name not in config.accounts:
            raise ConfigurationError(f"{config.path} has no account {name!r}")
    return tuple(_account(config, name, env) for name in wanted)


_SETTINGS = ("provider_id", "auth_scheme", "mode", "base_url", "rate")


def _account(config: ConfigFile, name: str, environment: Mapping[str, str]) -> Account:
    token = config.token(name, environment)
    if token is None:
        raise ConfigurationError(
            f"{config.path}: account {name!r} needs one of token_env, token_file, token_keyring, token"
        )
    settings = config.settings(name)
    dialect = settings.get("dialect")
    try:
        return Account(
            name=name,
            token=token,
            dialect=Dialect.from_settings(dialect) if dialect else None,
            **{key: settings[key] for key in _SETTINGS if key in settings},
        )
    except ConfigurationError as error:
        raise ConfigurationError(f"{config.path}: account {name!r}: {error}") from None


def account_names(path: str | os.PathLike[str]) -> tuple[str, ...] | None:
    """The names in a `teamup.toml`, without looking for tokens; None where there is no such file."""
    return tuple(read_config(path).accounts) if os.path.isfile(path) else None  # noqa: PTH113 - any path
