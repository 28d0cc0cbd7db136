"""Where accounts, and the quota they share, come from: as text that holds no secret, so that it can travel."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, nullcontext
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from ..errors import ConfigurationError, clip
from .accounts import Account, load_accounts
from .redis_quota import RedisQuota
from .shared import QuotaFile, SharedQuota

__all__ = ["ENVIRONMENT", "AccountSource", "accounts_from", "check_quota", "check_source", "quota_from"]

ENVIRONMENT: Final = "environment"
"""The word for what comes from variables: one account from ``TEAMUP_TOKEN``, a quota from ``TEAMUP_QUOTA_REDIS``."""

AccountSource = str | os.PathLike[str] | Iterable[Account]
"""A file of accounts, ``module:function``, ``"environment"``; or accounts, which never leave their process."""

_FUNCTION: Final = re.compile(r"([A-Za-z_]\w+(?:\.\w+)*):([A-Za-z_]\w*)")


def check_source(source: Any) -> str:
    """`source`, if it is text that may travel to other processes. Raises `ConfigurationError`."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    raise ConfigurationError(
        "accounts must say where workers find them: a file, 'module:function' or 'environment'. Accounts hold tokens, "
        "and never leave their process."
    )


def accounts_from(source: AccountSource, names: Iterable[str] | None = None) -> tuple[Account, ...]:
    """The accounts that a source has, or those called `names`; tokens of others are not looked for.

    Raises `ConfigurationError` for what can't be read, and for a name that is not there.
    """
    wanted = None if names is None else list(names)
    if not isinstance(source, (str, os.PathLike)):
        accounts = tuple(source)
    elif source == ENVIRONMENT:
        accounts = (_from_environment(),)
    elif made := _FUNCTION.fullmatch(os.fspath(source)):
        accounts = _from_function(*made.groups())
    else:
        return load_accounts(source, names=wanted)
    if wanted is None:
        return accounts
    known = {account.name: account for account in accounts}
    for name in wanted:
        if name not in known:
            raise ConfigurationError(f"account {name!r} is not here: {clip(', '.join(known), 200)}")
    return tuple(known[name] for name in wanted)


def _from_environment() -> Account:
    token = os.environ.get("TEAMUP_TOKEN")
    if not token:
        raise ConfigurationError("accounts='environment' needs the variable TEAMUP_TOKEN on each worker")
    provider = os.environ.get("TEAMUP_PROVIDER_ID") or None
    return Account(
        name="default",
        token=token,
        provider_id=provider,
        mode=os.environ.get("TEAMUP_REQUEST_MODE") or None,
        auth_scheme=os.environ.get("TEAMUP_AUTH_SCHEME") or None,
        base_url=os.environ.get("TEAMUP_BASE_URL") or None,
    )


def _from_function(module: str, name: str) -> tuple[Account, ...]:
    try:
        made: Any = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"accounts={module}:{name} can't be found: {error}") from None
    accounts = tuple(made())
    if not accounts or not all(isinstance(account, Account) for account in accounts):
        raise ConfigurationError(f"{module}:{name} must return accounts: teamup_async.bulk.Account")
    return accounts


def check_quota(text: str | None) -> str | None:
    """`text`, if it says where a quota is shared and holds no password. Raises `ConfigurationError`."""
    if text is None or text == ENVIRONMENT or (text.startswith("file:") and text != "file:"):
        return text
    parts = urlsplit(text)
    if parts.password or parts.username or "password=" in parts.query:
        raise ConfigurationError(
            "quota must hold no password: set TEAMUP_QUOTA_REDIS on each worker, and give quota='environment'"
        )
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ConfigurationError("quota must be redis://HOST, file:PATH or 'environment'")
    return text


def quota_from(
    text: str | None, *, rate: int, window: float
) -> AbstractAsyncContextManager[SharedQuota | None]:
    """The quota that `text` names, to be entered. Raises `ConfigurationError`."""
    text = check_quota(text)
    if text is None:
        return nullcontext()
    if text.startswith("file:"):
        return _Entered(QuotaFile(text.removeprefix("file:"), rate=rate, window=window))
    url = os.environ.get("TEAMUP_QUOTA_REDIS") if text == ENVIRONMENT else text
    if not url:
        raise ConfigurationError("quota='environment' needs the variable TEAMUP_QUOTA_REDIS on each worker")
    return RedisQuota(url, rate=rate, window=window)


@attrs.frozen
class _Entered:
    """A file of a quota, for ``async with``. No generator: an event loop that ends closes those in any order."""

    file: QuotaFile

    async def __aenter__(self) -> SharedQuota:
        return self.file.__enter__()

    async def __aexit__(self, *error: object) -> None:
        self.file.close()
