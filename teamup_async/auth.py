"""Who asks: token, scheme, provider and mode, and the headers they make.

API documents: header parameters of "Course Sessions - List"; "refresh access token"; guide "authentication".
The scheme of the ``Authorization`` header is documented in three ways, hence `AuthScheme`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Any, Final, Literal

import attrs

from .errors import ConfigurationError

__all__ = ["ACCOUNT_HEADERS", "AuthScheme", "Credentials", "Mode", "RefreshedToken"]

AuthScheme = Literal["Token", "Bearer", "JWT"]
Mode = Literal["customer", "provider"]
ACCOUNT_HEADERS: Final = ("TeamUp-Provider-ID", "TeamUp-Request-Mode")
"""Headers that say for which business, and how, a token is used."""


@attrs.frozen(kw_only=True)
class RefreshedToken:
    """What a refresh brought. API document: "Refresh access token".

    `access_token` is in use from now on, for `expires_in` seconds (None: TeamUp did not say). Keep `refresh_token`,
    since the old one may be worthless; None means that the old one stays good.
    """

    access_token: str = attrs.field(repr=False)
    refresh_token: str | None = attrs.field(default=None, repr=False)
    expires_in: int | None = None

    def __reduce__(self) -> Any:
        raise TypeError(
            "a RefreshedToken holds tokens and is not pickled; keep its fields where secrets are kept"
        )


@attrs.frozen(kw_only=True)
class Credentials:
    """The token and what goes with it. The token is in no repr; credentials refuse to be pickled."""

    token: str = attrs.field(repr=False)
    scheme: AuthScheme = "Token"
    provider_id: str | None = None
    mode: Mode | None = None
    refresh_token: str | None = attrs.field(default=None, repr=False)
    on_refresh: Callable[..., Awaitable[None] | None] | None = attrs.field(default=None, repr=False)

    @property
    def digest(self) -> str:
        """A short text that is the same for the same token, and from which the token can't be had."""
        return blake2b(self.token.encode(), digest_size=6, person=b"teamup_async").hexdigest()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        return (self.token,) if self.refresh_token is None else (self.token, self.refresh_token)

    def headers(self) -> dict[str, str]:
        """The headers of a request."""
        headers = {"Authorization": f"{self.scheme} {self.token}", "Accept": "application/json"}
        if self.provider_id is not None:
            headers["TeamUp-Provider-ID"] = self.provider_id
        if self.mode is not None:
            headers["TeamUp-Request-Mode"] = self.mode
        return headers

    def refresh_body(self) -> dict[str, Any]:
        """The body of ``POST /auth/refresh_access_token``.

        Without `new_access_token_type` a customer's token comes back, so a provider's must be asked for.
        """
        return {"refresh_token": self.refresh_token, "new_access_token_type": self.mode or "provider"}

    def refreshed(self, new: RefreshedToken) -> Credentials:
        """The credentials to go on with."""
        return attrs.evolve(
            self,
            token=check_token(new.access_token, "access_token"),
            refresh_token=new.refresh_token or self.refresh_token,
        )

    def __reduce__(self) -> Any:
        raise TypeError("Credentials hold a token and are not pickled; make them where they are used")


def check_token(value: Any, name: str) -> str:
    """`value`, if it can stand in a header. Raises `ConfigurationError`, without quoting it."""
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{name} must be text that is not empty")
    if any(c.isspace() for c in value):
        scheme = value.split(maxsplit=1)[0] if value.split() else ""
        hint = (
            f" (without the scheme: use auth_scheme={scheme!r})"
            if scheme in ("Token", "Bearer", "JWT")
            else ""
        )
        raise ConfigurationError(f"{name} must not contain spaces or line breaks{hint}")
    if not all(33 <= ord(c) <= 126 for c in value):
        raise ConfigurationError(f"{name} must not contain control or non-ASCII characters")
    return value


def check_provider_id(value: Any) -> str:
    """`value` as plain ASCII digits. Raises `ConfigurationError`."""
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 20:
        raise ConfigurationError(f"provider_id must be plain digits, such as 123, not {text[:40]!r}")
    return text
