"""Where a PostgreSQL database is, from its URL, and how names fit into it. Pure."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

import attrs

from ..errors import ConfigurationError

__all__ = ["Address", "address_of", "fitting", "quoted"]

_SCHEMES: Final = ("postgresql", "postgres")
_LONGEST: Final = 63
"""Bytes of a name; PostgreSQL cuts longer ones, so that two may become one."""
_HOST: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")
_HIDDEN: Final = "***"
_LIVELY: Final = {"keepalives_idle": "60", "keepalives_interval": "15", "keepalives_count": "4"}
"""A server that is gone without a word is noticed after two minutes, not after the two hours of most systems."""
_SECRET: Final = ("password", "sslpassword", "oauth_client_secret")
"""Parameters of a URL that are secrets, by libpq's names."""


@attrs.frozen(kw_only=True)
class Address:
    """A database and a schema in it.

    `uri` is for libpq, and may hold a password (`secrets`); `shown` and `database` are for people, and never do.
    `schema` is where readers find the tables, `workshop` is that of what belongs to runs: their state and stages.
    """

    uri: str = attrs.field(repr=False)
    database: str
    schema: str
    workshop: str
    secrets: tuple[str, ...] = attrs.field(repr=False)

    @property
    def shown(self) -> str:
        """The URL of the schema."""
        return self.database + ("" if self.schema == "public" else f"?schema={quote(self.schema)}")

    def without_secrets(self, text: str) -> str:
        """`text` without the passwords of the URL, whole or in part, as they are written or as they are meant."""
        for secret in self.secrets:
            text = text.replace(secret, _HIDDEN)
        return text


def address_of(text: str) -> Address:
    """The address that a URL means: ``postgresql://user@host/database?schema=teamup``.

    All parameters but `schema` (default ``public``) are libpq's. Raises `ConfigurationError`, which shows no password.
    """
    scheme, separator, rest = text.partition("://")
    if scheme.lower() not in _SCHEMES or not separator:
        raise ConfigurationError(
            "a PostgreSQL database is given as postgresql://USER@HOST/DATABASE?schema=NAME"
        )
    place, _, query = rest.partition("?")
    authority, slash, database = place.partition("/")
    user_part, at, hosts = authority.rpartition("@")
    if "@" in user_part or "@" in database or "#" in rest:
        raise ConfigurationError(
            "the PostgreSQL URL is ambiguous: in a user's name or a password write @ as %40, / as %2F, # as %23, "
            "? as %3F and : as %3A"
        )
    if not all(map(_HOST.fullmatch, hosts.split(","))):
        raise ConfigurationError(
            "the host of the PostgreSQL URL is not understood: write postgresql://USER@HOST:PORT/DATABASE, with / in a "
            "password as %2F"
        )
    user, _, password = user_part.partition(":")
    parameters = parse_qsl(query, keep_blank_values=True)
    schema = dict(parameters).get("schema", "public")
    _check_schema(schema)
    kept = [(key, value) for key, value in parameters if key != "schema"]
    kept += [(key, value) for key, value in _LIVELY.items() if key not in dict(parameters)]
    secrets = [password, *(value for key, value in kept if key in _SECRET)]
    return Address(
        uri=f"postgresql://{place}?{urlencode(kept, quote_via=quote)}",
        database=f"postgresql://{user}{at}{hosts}{slash}{database}",
        schema=schema,
        workshop=fitting(f"_teamup_{schema}"),
        secrets=tuple(_forms(secrets)),
    )


def _forms(secrets: list[str]) -> list[str]:
    """Each secret as it is written and as it is meant, the longest first."""
    forms = {
        form for secret in secrets for form in (secret, unquote(secret), quote(unquote(secret), safe=""))
    }
    return sorted(filter(None, forms), key=len, reverse=True)


def _check_schema(schema: str) -> None:
    if not schema or "\0" in schema or schema.lower().startswith("pg_") or schema != fitting(schema):
        raise ConfigurationError(
            f"schema {schema[:80]!r} can't be: a name of 1 to {_LONGEST} bytes that does not begin with pg_ can"
        )


def fitting(name: str) -> str:
    """A name as PostgreSQL can hold it: of a long one its beginning, and a mark that no other name has."""
    if len(name.encode()) <= _LONGEST:
        return name
    mark = sha256(name.encode()).hexdigest()[:8]
    return name.encode()[: _LONGEST - 9].decode(errors="ignore") + f"_{mark}"


def quoted(*names: str) -> str:
    """A name as SQL takes it: a table, after its schema, or a column."""
    return ".".join('"' + fitting(name).replace('"', '""') + '"' for name in names)
