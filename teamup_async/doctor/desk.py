"""Where probes ask: every request is sent once, counted, and kept for the probes that come later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

import attrs

from .._http.requester import Requester
from ..auth import Credentials
from ..config import Settings
from ..dialect import Dialect, unknown_named
from ..endpoint import Endpoint
from ..endpoints import endpoint_named
from ..errors import RequestError
from ..query import encode_value
from .diagnosis import Finding
from .reply import Reply

__all__ = ["MOST", "Desk", "SpentError", "Told"]

MOST: Final = 40
"""Requests that a diagnosis sends at most."""
_TRIES: Final = 3
_AGAIN: Final = (0, 429, 500, 502, 503, 504)
_SHOWN: Final = frozenset(
    "limit page page_size sort columns format pivot fields max_pivot_columns teamup_doctor".split()
)
"""Parameters whose values are no data of the account."""
Told = Callable[[int, str], object]
"""Is told how many requests were sent, and what is being found out."""


class SpentError(Exception):
    """All requests that a diagnosis may send were sent."""


@attrs.define(eq=False)
class Desk:
    """Sends the requests of a diagnosis, at most `most`; `credentials` are those that every request has.

    `findings` are those so far, by field; probes build on them. `for_reports` are the credentials of reports, where
    these take others.
    """

    requester: Requester
    settings: Settings
    credentials: Credentials
    for_reports: Credentials | None = None
    told: Told | None = None
    most: int = MOST
    sent: int = 0
    findings: dict[str, Finding] = attrs.field(factory=dict[str, Finding])
    replies: list[Reply] = attrs.field(factory=list[Reply])
    failure: RequestError | None = None
    _kept: dict[tuple[Any, ...], Reply] = attrs.field(factory=dict[tuple[Any, ...], Reply], init=False)

    def value(self, field: str) -> str:
        """What was found about a field of the dialect, else its default."""
        finding = self.findings.get(field)
        return unknown_named(field).default if finding is None or finding.value is None else finding.value

    def is_found(self, field: str) -> bool:
        """Whether the value of a field was found."""
        return field in self.findings and self.findings[field].value is not None

    @property
    def dialect(self) -> Dialect:
        """The dialect as far as it was found."""
        return Dialect.from_settings({name: one.value for name, one in self.findings.items() if one.value})

    def endpoint(self, name: str) -> Endpoint[..., Any]:
        """An endpoint by its name."""
        return endpoint_named(name)

    def column(self, endpoint: Endpoint[..., Any], path: str) -> str:
        """How `columns` and `sort` call a column, as far as it is known."""
        if self.value("column_names") == "dotted":
            return path
        return next((alias for alias, full in endpoint.aliases.items() if full == path), path)

    async def ask(
        self,
        endpoint: Endpoint[..., Any],
        *,
        fresh: bool = False,
        credentials: Credentials | None = None,
        arrays: str | None = None,
        **parameters: Any,
    ) -> Reply:
        """The answer to a request, from before unless it is to be `fresh`.

        `arrays` is how lists of values go into the URL; by default as it was found. Raises `SpentError`.
        """
        report = endpoint.envelope.name == "report"
        if report:
            parameters = {"format": "json", **parameters}
        comma = {parameter.name for parameter in endpoint.filters if parameter.comma}
        form = arrays or self.value("arrays" if report else "list_arrays")
        pairs = [
            pair
            for name, value in parameters.items()
            for pair in _pairs(name, value, "comma" if name in comma else form)
        ]
        who = credentials or (report and self.for_reports) or self.credentials
        key = (endpoint.path, tuple(pairs), *sorted(who.headers().items()))
        if fresh or key not in self._kept:
            asked = f"GET {endpoint.path}{_shown(pairs)}{_differing(who, self.credentials)}"
            self._kept[key] = await self._send(endpoint.path, urlencode(pairs, quote_via=quote), who, asked)
        return self._kept[key]

    async def _send(self, path: str, query: str, who: Credentials, asked: str) -> Reply:
        reply = Reply(asked)
        for number in range(_TRIES):
            if self.sent >= self.most:
                raise SpentError
            self.sent += 1
            reply = await self._try(path, query, who, asked)
            self.replies.append(reply)
            if reply.status not in _AGAIN:
                break
            if number + 1 < _TRIES:
                await self.requester.sleep(1.0 + number)
        return reply

    async def _try(self, path: str, query: str, who: Credentials, asked: str) -> Reply:
        try:
            answer = await self.requester.look(path, query, who)
        except RequestError as error:
            self.failure = error
            return Reply(asked, problem=f"no answer ({type(error).__name__})")
        return Reply(
            asked,
            status=answer.status,
            kind=answer.content_type.partition(";")[0].strip().lower(),
            coding=answer.coding,
            after=answer.retry_after,
            body=answer.body,
        )


def _pairs(name: str, value: Any, form: str) -> Sequence[tuple[str, str]]:
    if not isinstance(value, (list, tuple)):
        return [(name, encode_value(value))]
    items = [encode_value(item) for item in cast("Sequence[Any]", value)]
    if form == "comma":
        return [(name, ",".join(items))]
    return [(f"{name}[]" if form == "brackets" else name, item) for item in items]


def _shown(pairs: Sequence[tuple[str, str]]) -> str:
    """The query without what is data of the account."""
    told = [(name, text if name.removesuffix("[]") in _SHOWN else "...") for name, text in pairs]
    return "?" + "&".join(f"{name}={text}" for name, text in told) if told else ""


_HEADERS: Final[Mapping[str, str]] = {
    "TeamUp-Provider-ID": "another provider header",
    "TeamUp-Request-Mode": "another mode header",
}


def _differing(who: Credentials, usual: Credentials) -> str:
    """What is special about the headers of a request."""
    mine, theirs = who.headers(), usual.headers()
    said = [f"the word {who.scheme}"] if who.scheme != usual.scheme else []
    if who.token != usual.token:
        said.append("a made-up token")
    for name, words in _HEADERS.items():
        if mine.get(name) != theirs.get(name):
            said.append(words if name in mine else f"no {name}")
    return f" (with {', '.join(said)})" if said else ""
