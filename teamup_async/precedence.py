"""Which setting counts: what is given, then the environment, then `teamup.toml`.

An account that is named brings its own settings: they stand above the environment, so that a token of another account
in ``TEAMUP_TOKEN`` is not sent for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import attrs

from .config_file import FILE_NAME, VARIABLES, ConfigFile, read_config
from .dialect import Dialect, unknown_named
from .errors import ConfigurationError

__all__ = ["Settled", "fields_of", "settle"]

_KEYS: Final = (
    "provider_id",
    "mode",
    "auth_scheme",
    "base_url",
    "timezone",
    "rate",
    "concurrency",
    "timeout",
)


@attrs.frozen(kw_only=True)
class Settled:
    """The settings that count, without the token.

    `account`: its name in the file, if it is one of the file. `values`: the settings by name. `origins`: for each of
    them "given", the variable of the environment, or the file it comes from.
    """

    config: ConfigFile
    account: str | None
    named: bool
    values: Mapping[str, Any]
    origins: Mapping[str, str]

    def options(self) -> dict[str, Any]:
        """What `TeamUp` takes of it."""
        own = {} if self.account is None else {"account": self.account}
        return {**own, **{name: value for name, value in self.values.items() if name != "timezone"}}

    def token_place(self, environment: Mapping[str, str]) -> str | None:
        """Where the token that counts is kept, in words; None: there is none."""
        if self._from_variable(environment):
            return f"the variable {VARIABLES['token']}"
        return self.config.token_place(self.account)

    def _from_variable(self, environment: Mapping[str, str]) -> str | None:
        """The token of the environment, where that one counts."""
        own = self.named and self.config.keeps_token(self.account)
        return None if own else environment.get(VARIABLES["token"])

    def token(self, environment: Mapping[str, str]) -> str | None:
        """The token that counts where none is given; None: there is none. Raises `ConfigurationError`."""
        if variable := self._from_variable(environment):
            return variable
        found = self.config.token(self.account, environment)
        if found is None and self.account is None and self.config.accounts:
            known = ", ".join(self.config.accounts)
            raise ConfigurationError(
                f"account is missing: {self.config.path} has several, name one of {known}"
            )
        return found


def settle(
    given: Mapping[str, Any],
    *,
    account: str | None = None,
    path: str | os.PathLike[str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settled:
    """The settings for an account of `teamup.toml`, or for the only one there is.

    `given` are arguments; what is None there is not given, but for a `rate` of None. A `dialect` is a `Dialect`, text
    for one, or a mapping of those of its fields that are given. Raises `ConfigurationError`.
    """
    env = os.environ if environment is None else environment
    config = read_config(path, environment=env)
    wanted = account or env.get("TEAMUP_ACCOUNT") or None
    name = config.chosen(wanted)
    filed = config.settings(name)
    own: Mapping[str, Any] = config.accounts[name] if wanted is not None and name is not None else {}
    file = str(config.path or FILE_NAME)
    found: dict[str, tuple[Any, str]] = {}
    for key in _KEYS:
        variable = VARIABLES.get(key, "")
        if key in given and (given[key] is not None or key == "rate"):
            found[key] = given[key], "given"
        elif key in own:
            found[key] = own[key], file
        elif env.get(variable):
            found[key] = env[variable], variable
        elif key in filed:
            found[key] = filed[key], file
    if "provider_id" in found and found["provider_id"][1] == VARIABLES["provider_id"] and _has_token(own):
        # Hardly meant for this account, and it might read another business under its name.
        raise ConfigurationError(
            f"account {name!r} has no provider_id, and the variable {VARIABLES['provider_id']} is set: give the "
            "account one, or unset the variable"
        )
    try:
        from_variable = fields_of(env.get("TEAMUP_DIALECT") or "")
    except ConfigurationError as error:
        raise ConfigurationError(f"TEAMUP_DIALECT: {error}") from None
    fields: dict[str, str] = {**filed.get("dialect", {}), **from_variable, **own.get("dialect", {})}
    dialect = _dialect(given.get("dialect"), fields)
    if dialect is not None:
        origin = "TEAMUP_DIALECT" if from_variable else file
        found["dialect"] = dialect, "given" if given.get("dialect") is not None else origin
    return Settled(
        config=config,
        account=name,
        named=wanted is not None,
        values={key: value for key, (value, _) in found.items()},
        origins={key: origin for key, (_, origin) in found.items()},
    )


def fields_of(*texts: str) -> dict[str, str]:
    """The fields that texts such as ``arrays=comma`` set, their defaults too. Raises `ConfigurationError`."""
    dialect = Dialect.parse(texts)
    names = [part.partition("=")[0] for part in " ".join(texts).replace(",", " ").split() if "=" in part]
    return {field: getattr(dialect, field) for field in (unknown_named(name).name for name in names)}


def _has_token(table: Mapping[str, Any]) -> bool:
    return any(key.startswith("token") for key in table)


def _dialect(given: Dialect | Mapping[str, str] | str | None, filed: Mapping[str, str]) -> Dialect | None:
    if isinstance(given, Dialect):
        return given
    if isinstance(given, str):
        return Dialect.parse(given)
    fields = {**filed, **(given or {})}
    return Dialect.from_settings(fields) if fields else None
