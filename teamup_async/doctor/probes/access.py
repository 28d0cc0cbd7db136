"""Who is let in: the word before the token, the headers, the status of a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, get_args

import attrs

from ..._http.answer import Answer, error_from
from ..._http.redact import conceal, excerpt
from ...auth import AuthScheme, Credentials
from ...errors import ConnectionFailedError, ResponseDecodeError, StatusError
from ..desk import Desk
from ..diagnosis import Finding, found, skipped, undecided
from ..reply import Reply
from .base import answered, probe

__all__ = ["bad_token", "headers", "let_in", "not_asked", "report_headers"]

_LIST: Final = "lists.venues"
"""A small list, whose document names the two headers."""
_REPORT: Final = "reports.attendances"
_NO_TOKEN: Final = "teamup-doctor-no-such-token"  # noqa: S105 - nobody's
_NO_PROVIDER: Final = "2147483647"
_SEVERAL: Final = re.compile(r"multiple|several|more than one", re.IGNORECASE)


async def let_in(desk: Desk) -> Finding:
    """Find the word before the token that is accepted, and let `desk` go on with it.

    The one that is set comes first. Where none is, the mode is said as well. Raises `RequestError` where nothing was
    accepted.
    """
    first: Reply | None = None
    refused: list[Reply] = []
    for credentials, name in _ways(desk.credentials):
        reply = await desk.ask(desk.endpoint(name), credentials=credentials, **_least(name))
        first = first or reply
        if reply.status == 400:  # the word is right; perhaps lists alone want a provider
            first = reply
            reply = await desk.ask(desk.endpoint(_REPORT), credentials=credentials, **_least(_REPORT))
            if not reply.ok:
                break
        if reply.ok:
            desk.credentials = credentials
            return found("auth_scheme", credentials.scheme, _reason(refused), *refused[:2], reply)
        if reply.status not in (401, 403, 404):
            first = reply
            break
        refused.append(reply)
    raise _refusal(desk, first)


def _ways(usual: Credentials) -> Iterator[tuple[Credentials, str]]:
    words: list[AuthScheme] = [usual.scheme, *(word for word in get_args(AuthScheme) if word != usual.scheme)]
    yield from ((attrs.evolve(usual, scheme=word), _LIST) for word in words)
    if usual.mode is None:
        yield from ((attrs.evolve(usual, scheme=word, mode="provider"), _LIST) for word in words)
    yield from ((attrs.evolve(usual, scheme=word), _REPORT) for word in words)


def _least(name: str) -> dict[str, Any]:
    return {"page_size": 1} if name == _LIST else {"limit": 1}


def _reason(refused: Sequence[Reply]) -> str:
    return "it is accepted, the others before it were refused" if refused else "it is accepted"


def _refusal(desk: Desk, first: Reply | None) -> Exception:
    """The error of a token that is accepted with no word, or of a server that does not answer."""
    if first is None or not first.status:
        return desk.failure or ConnectionFailedError("no answer")
    answer = Answer(first.status, first.kind, first.after, first.body)
    error = error_from(answer, 0.0)
    if error is None:
        error = ResponseDecodeError("the answer has no rows", excerpt=excerpt(first.body))
    error.method, error.path = "GET", desk.endpoint(_LIST).path
    if isinstance(error, StatusError) and first.status in (401, 403):
        error.args = (f"{error.args[0]} | Token, Bearer and JWT were all refused",)
    conceal(error, desk.credentials.secrets)
    return error


@probe("bad_token")
async def bad_token(desk: Desk) -> Sequence[Finding]:
    """The status of a token that nobody has."""
    nobody = attrs.evolve(desk.credentials, token=_NO_TOKEN)
    reply = await desk.ask(desk.endpoint(_LIST), credentials=nobody, page_size=1)
    values = {401: "unauthorized", 403: "forbidden"}
    if reply.status in values:
        return [
            found("bad_token", values[reply.status], f"to a made-up token it answers {reply.status}", reply)
        ]
    return [undecided("bad_token", f"to a made-up token the server {answered(reply)}", reply)]


@probe("provider_header", "mode_header")
async def headers(desk: Desk) -> Sequence[Finding]:
    """What a list answers without each of the headers."""
    mine = desk.credentials
    venues = desk.endpoint(_LIST)
    usual = await desk.ask(venues, page_size=1)
    findings: list[Finding] = []
    if mine.provider_id is None:
        findings.append(_provider_never_sent(usual))
    elif usual.ok:
        reply = await desk.ask(venues, credentials=attrs.evolve(mine, provider_id=None), page_size=1)
        known = await _businesses(desk)
        findings.append(_provider_left_out(usual, reply, len(known)))
    if mine.mode is None and usual.ok:
        findings.append(found("mode_header", "optional", "a request without it was answered", usual))
    elif mine.mode is not None and usual.ok:
        reply = await desk.ask(venues, credentials=attrs.evolve(mine, mode=None), page_size=1)
        findings.append(_mode_left_out(usual, reply))
    return findings


def _provider_never_sent(usual: Reply) -> Finding:
    if usual.ok:
        return found("provider_header", "optional", "a request without it was answered", usual)
    return undecided(
        "provider_header", "lists refuse the request; give a provider id, so that it can be sent", usual
    )


def _provider_left_out(usual: Reply, reply: Reply, businesses: int) -> Finding:
    if reply.ok:
        return found("provider_header", "optional", "a request without it was answered", usual, reply)
    if reply.status not in (400, 403) or not reply.body:
        return undecided("provider_header", "the answer without it does not say why", usual, reply)
    if businesses != 1 or _SEVERAL.search(reply.body.decode("utf-8", "replace")):
        return undecided(
            "provider_header", "the token reaches several businesses, so it is needed anyway", usual, reply
        )
    return found("provider_header", "required", "refused without it: set provider_id", usual, reply)


def _mode_left_out(usual: Reply, reply: Reply) -> Finding:
    if reply.ok:
        return found("mode_header", "optional", "a request without it was answered", usual, reply)
    if reply.status in (400, 403):
        return found("mode_header", "required", "refused without it: set mode", usual, reply)
    return undecided("mode_header", "the answer without it does not say why", usual, reply)


async def _businesses(desk: Desk) -> list[str]:
    """The ids of the businesses that the token reaches, as far as TeamUp tells."""
    reply = await desk.ask(desk.endpoint("lists.providers"), page_size=10)
    return [str(number) for number in reply.ids]


@probe("report_headers")
async def report_headers(desk: Desk) -> Sequence[Finding]:
    """What a report answers to a header that is right, and to an unknown provider."""
    report, mine = desk.endpoint(_REPORT), desk.credentials
    bare = attrs.evolve(mine, provider_id=None, mode=None)
    provider = mine.provider_id or next(iter(await _businesses(desk)), None)
    right_one = attrs.evolve(mine, provider_id=provider)
    if provider is None and mine.mode is None:
        return [
            undecided("report_headers", "the provider's id is not known; give it, so that it can be sent")
        ]
    without = await desk.ask(report, credentials=bare, limit=1)
    right = await desk.ask(report, credentials=right_one, limit=1)
    wrong = await desk.ask(report, credentials=attrs.evolve(mine, provider_id=_NO_PROVIDER), limit=1)
    shown = (without, right, wrong)
    if without.status == 200 and right.refused:
        desk.for_reports = bare  # everything else is asked without what reports refuse
        return [found("report_headers", "refused", "a report refuses the header", *shown)]
    if right.status == wrong.status == 200:
        return [found("report_headers", "ignored", "an unknown provider makes no difference", *shown)]
    if right.status == 200 and 400 <= wrong.status < 500 and wrong.status != 429:
        return [found("report_headers", "taken", "an unknown provider is refused", *shown)]
    return [undecided("report_headers", "reports refuse the request for another reason", *shown)]


@probe("refresh_tokens", "quota_of", "job_id")
async def not_asked(_: Desk) -> Sequence[Finding]:
    """What can't be found out by reading a little."""
    return [
        skipped("refresh_tokens", "a refresh may use up the refresh token"),
        skipped("quota_of", "it takes two tokens of one business, and the whole quota"),
        skipped("job_id", "an export starts a job; nothing is started here"),
    ]
