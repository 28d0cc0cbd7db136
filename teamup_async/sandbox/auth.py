"""Tokens of the sandbox: who may read which account, in which mode, and how a token is refreshed.

API documents: "Authentication" (schemes, provider and mode headers) and "Refresh access token".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, cast

import attrs

from .problems import ProblemError, invalid

Mode = Literal["customer", "provider"]
SCHEMES: Final = ("token", "bearer", "jwt")
LIFETIME: Final = 3600
"""Seconds an access token is said to live; it expires by `Tokens.expire` only, so that tests need no
waiting.
"""


@attrs.frozen
class Account:
    """One provider account of the sandbox.

    `token` reaches this account and nothing else, `refresh_token` brings a new token, and `index` is its
    place in ``sandbox.accounts``.
    """

    name: str
    provider_id: int
    index: int
    token: str = attrs.field(repr=False)
    refresh_token: str = attrs.field(repr=False)


@attrs.define
class Credential:
    """What an access token stands for. `caller` is whom the quota counts."""

    caller: str
    accounts: Sequence[int]
    mode: Mode
    allowed: bool = True
    expired: bool = False


@attrs.define
class Tokens:
    """All tokens; access tokens to credentials, refresh tokens to what they refresh."""

    seed: int
    providers: tuple[int, ...]
    _made: int = 0
    _access: dict[str, Credential] = attrs.field(factory=dict[str, Credential], repr=False)
    _refresh: dict[str, Credential] = attrs.field(factory=dict[str, Credential], repr=False)

    def issue(
        self, caller: str, accounts: Sequence[int], mode: Mode = "provider", allowed: bool = True
    ) -> str:
        """A new access token."""
        token = self._secret(caller)
        self._access[token] = Credential(caller, accounts, mode, allowed)
        return token

    def issue_refresh(self, caller: str, accounts: Sequence[int]) -> str:
        """A new refresh token."""
        token = self._secret(f"{caller} refresh")
        self._refresh[token] = Credential(caller, accounts, "provider")
        return token

    def _secret(self, label: str) -> str:
        self._made += 1
        digest = hashlib.sha256(f"{self.seed}:{label}:{self._made}".encode()).hexdigest()
        return f"sandbox-{digest[:40]}"

    def expire(self) -> None:
        """Let every access token there is expire; refresh tokens stay good."""
        for credential in self._access.values():
            credential.expired = True

    def caller(self, headers: Mapping[str, str], address: str) -> str:
        """Whom a request counts for: the authenticated user, else the address."""
        _, _, token = headers.get("Authorization", "").partition(" ")
        credential = self._access.get(token.strip())
        return credential.caller if credential and not credential.expired else address

    def authorize(self, headers: Mapping[str, str]) -> int:
        """The index of the account that a request reads; raises `ProblemError` (400, 401, 403)."""
        credential = self._credential(headers.get("Authorization"))
        if not credential.allowed:
            raise ProblemError(403, "permission_denied", "You do not have permission to perform this action.")
        mode = headers.get("TeamUp-Request-Mode")
        if mode is not None and mode not in ("customer", "provider"):
            raise invalid("TeamUp-Request-Mode", "Must be customer or provider.")
        if mode is not None and mode != credential.mode:
            raise ProblemError(
                403, "permission_denied", f"A {credential.mode} token cannot make requests in {mode} mode."
            )
        return self._account(credential, headers.get("TeamUp-Provider-ID"))

    def _account(self, credential: Credential, provider: str | None) -> int:
        if provider is None:
            if len(credential.accounts) > 1:
                raise invalid(
                    "TeamUp-Provider-ID", "Required: these credentials have access to multiple providers."
                )
            return credential.accounts[0]
        if not (provider.isascii() and provider.isdigit()):
            raise invalid("TeamUp-Provider-ID", "A valid integer is required.")
        for index in credential.accounts:
            if str(self.providers[index]) == provider:
                return index
        raise ProblemError(403, "permission_denied", "You do not have access to this provider.")

    def _credential(self, header: str | None) -> Credential:
        challenge = {"WWW-Authenticate": "Token"}
        if not header:
            raise ProblemError(
                401, "not_authenticated", "Authentication credentials were not provided.", headers=challenge
            )
        scheme, _, token = header.partition(" ")
        credential = self._access.get(token) if scheme.lower() in SCHEMES else None
        if credential is None:
            raise ProblemError(401, "authentication_failed", "Invalid token.", headers=challenge)
        if credential.expired:
            raise ProblemError(401, "token_expired", "The access token has expired.", headers=challenge)
        return credential

    def refresh(self, body: Any, *, replaced: bool = True) -> dict[str, Any]:
        """Answer ``POST /auth/refresh_access_token``.

        `replaced`: the refresh token is used up and a new one comes back; otherwise it stays good.
        """
        if not isinstance(body, dict):
            raise invalid("non_field_errors", "A JSON object is required.")
        given = cast("dict[str, Any]", body)
        token, scope = given.get("refresh_token"), given.get("scope")
        mode = given.get("new_access_token_type", "customer")
        if not isinstance(token, str):
            raise invalid("refresh_token", "This field is required.")
        if mode != "customer" and mode != "provider":  # noqa: PLR1714 - type checkers narrow this
            raise invalid("new_access_token_type", f'"{str(mode)[:100]}" is not a valid choice.')
        if scope is not None and not _are_strings(scope):
            raise invalid("scope", "Must be a list of strings.")
        credential = self._refresh.get(token)
        if credential is None:
            raise ProblemError(401, "authentication_failed", "Invalid refresh token.")
        made: dict[str, Any] = {
            "access_token": self.issue(credential.caller, credential.accounts, mode),
            "expires_in": LIFETIME,
        }
        if replaced:
            del self._refresh[token]
            made["refresh_token"] = self.issue_refresh(credential.caller, credential.accounts)
        return made


def _are_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in cast("Sequence[Any]", value))
