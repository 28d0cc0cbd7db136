"""Settings, from arguments and ``TEAMUP_*`` variables, checked before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final, cast, get_args
from urllib.parse import urlsplit

import attrs

from .auth import AuthScheme, Credentials, Mode, check_provider_id, check_token
from .dialect import Dialect
from .errors import ConfigurationError, nearest

__all__ = ["DEFAULT_BASE_URL", "Settings", "Timeouts"]

DEFAULT_BASE_URL: Final = "https://goteamup.com/api/v2"


@attrs.frozen(kw_only=True)
class Timeouts:
    """How long things may take, in seconds; None means without end.

    `connect`: to get a connection. `read`: between two pieces of an answer. `attempt`: one try of a request,
    whole. `request`: all tries of a request with the waits between them, not counting waits for the quota; its
    default gives way to a longer patience of the `RetryPolicy`. `walk`: one walk over all its pages, or another
    call such as ``count()``, with all it waits for.
    """

    connect: float | None = 10.0
    read: float | None = 30.0
    attempt: float | None = 60.0
    request: float | None = 300.0
    walk: float | None = None

    def __attrs_post_init__(self) -> None:
        for field in attrs.fields(Timeouts):
            value = getattr(self, field.name)
            if value is not None and not (isinstance(value, (int, float)) and value > 0):
                raise ConfigurationError(f"timeout {field.name} must be more than 0 seconds, not {value!r}")


@attrs.frozen(kw_only=True)
class Settings:
    """Everything a client needs to know; made by `Settings.resolve`. It holds a token and refuses to be
    pickled.

    `sure`: the dialect was told, and need not be found out.
    """

    base_url: str
    account: str
    credentials: Credentials
    timeout: Timeouts = Timeouts()
    dialect: Dialect = Dialect()
    sure: bool = False
    concurrency: int = 8
    rate: int | None = 250
    rate_window: float = 60.0
    max_body: int = 64 * 1024 * 1024

    def __reduce__(self) -> Any:
        raise TypeError("Settings hold a token and are not pickled; make them where they are used")

    @classmethod
    def resolve(
        cls,
        *,
        token: str | None,
        account: str | None = None,
        provider_id: int | str | None,
        mode: str | None,
        auth_scheme: str | None,
        base_url: str | None,
        refresh_token: str | None,
        on_token_refresh: Callable[..., Awaitable[None] | None] | None,
        timeout: Timeouts | float | None,
        dialect: Dialect | str | None = None,
        array_encoding: str | None = None,
        concurrency: int,
        rate: int | None,
        rate_window: float,
        max_body: int,
        environment: Mapping[str, str] | None = None,
    ) -> Settings:
        """Arguments first, then ``TEAMUP_*`` variables, then defaults. Raises `ConfigurationError`."""
        env = os.environ if environment is None else environment
        chosen = _dialect(dialect, auth_scheme, array_encoding, env)
        chosen_mode = mode or env.get("TEAMUP_REQUEST_MODE") or None
        provider = provider_id if provider_id is not None else env.get("TEAMUP_PROVIDER_ID") or None
        given = token if token is not None else env.get("TEAMUP_TOKEN")
        if not given:
            raise ConfigurationError("No token: pass token=..., or set the variable TEAMUP_TOKEN")
        credentials = Credentials(
            token=check_token(given, "token"),
            scheme=chosen.auth_scheme,
            provider_id=None if provider is None else check_provider_id(provider),
            mode=None if chosen_mode is None else cast("Mode", _choice("mode", chosen_mode, Mode)),
            refresh_token=None if refresh_token is None else check_token(refresh_token, "refresh_token"),
            on_refresh=on_token_refresh,
        )
        caller = credentials.provider_id
        return cls(
            account=account or (f"provider {caller}" if caller else f"token {credentials.digest}"),
            base_url=check_base_url(base_url or env.get("TEAMUP_BASE_URL") or DEFAULT_BASE_URL),
            credentials=credentials,
            timeout=_timeouts(timeout),
            dialect=chosen,
            sure=any((dialect, array_encoding, env.get("TEAMUP_DIALECT"))),
            concurrency=_count("concurrency", concurrency),
            rate=None if rate is None else check_rate(rate),
            rate_window=_seconds("rate_window", rate_window),
            max_body=_count("max_body", max_body),
        )


def _from_variable(environment: Mapping[str, str]) -> Dialect:
    """What ``TEAMUP_DIALECT`` says. Raises `ConfigurationError`."""
    try:
        return Dialect.parse(environment.get("TEAMUP_DIALECT") or ())
    except ConfigurationError as error:
        raise ConfigurationError(f"TEAMUP_DIALECT: {error}") from None


def _dialect(
    given: Dialect | str | None, scheme: str | None, arrays: str | None, env: Mapping[str, str]
) -> Dialect:
    """The dialect: what single arguments say of it, then `dialect`, then the variables."""
    if given is None or isinstance(given, str):
        chosen = Dialect.parse(given) if given is not None else _from_variable(env)
    else:
        chosen = given
    short: dict[str, Any] = {}
    if scheme is None and chosen.auth_scheme == Dialect().auth_scheme:
        scheme = env.get("TEAMUP_AUTH_SCHEME") or None
    if scheme is not None:
        short["auth_scheme"] = _choice("auth_scheme", scheme, AuthScheme)
    if arrays is not None:
        from .query import ArrayEncoding

        short["arrays"] = short["list_arrays"] = _choice("array_encoding", arrays, ArrayEncoding)
    return attrs.evolve(chosen, **short)


def _timeouts(value: Timeouts | float | None) -> Timeouts:
    if value is None:
        return Timeouts()
    return value if isinstance(value, Timeouts) else Timeouts(request=value)


def _choice(name: str, value: str, literal: Any) -> str:
    allowed: tuple[str, ...] = get_args(literal)
    for known in allowed:
        if str(value).lower() == known.lower():
            return known
    near = nearest(str(value), allowed)
    hint = f"; did you mean {near!r}?" if near else "."
    raise ConfigurationError(f"{name} does not know {value!r}{hint} Allowed: {', '.join(allowed)}")


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(f"{name} must be a whole number of 1 or more, not {value!r}")
    return value


def check_rate(value: Any) -> int:
    """`value`, if it is a number of requests. Raises `ConfigurationError`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigurationError(
            f"rate must be a whole number of 1 or more, the requests in each window, not {value!r}"
        )
    return value


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ConfigurationError(f"{name} must be more than 0 seconds, not {value!r}")
    return float(value)


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: 127.0.0.0/8, ::1 or localhost."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


def check_base_url(value: str) -> str:
    """A base URL without its last slash. Raises `ConfigurationError` for one a token must not be sent to."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigurationError(f"base_url {value!r} is no URL: {error}") from None
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError(f"base_url must begin with https://, not {value!r}")
    if not host or any(c.isspace() or ord(c) < 32 for c in value):
        raise ConfigurationError(f"base_url {value!r} names no host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError("base_url must hold no user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigurationError(
            f"base_url {value!r} would send the token unencrypted; use https:// (http:// is for loopback)"
        )
    return value.rstrip("/")
