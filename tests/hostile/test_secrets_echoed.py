"""Servers that send back the tokens they were sent: none gets into an error, a log or a URL."""

from __future__ import annotations

import json
from typing import Any

import pytest

from teamup_async import RetryPolicy, TeamUpError, Timeouts
from tests.hostile.canaries import MARK, NEW_REFRESH, NEW_TOKEN, REFRESH, TOKEN, everything
from tests.hostile.serving import Asked, client, response, serving


def echo(asked: Asked) -> str:
    """What a careless server says about a request: all of it."""
    return asked.head.decode() + asked.body.decode()


ECHOES: dict[str, Any] = {
    "an error in JSON": lambda a: response(json.dumps({"code": echo(a), "message": echo(a)}), status="400 X"),
    "an error with fields": lambda a: response(
        json.dumps({"field_errors": {echo(a)[-90:]: [echo(a)]}, "message": TOKEN}), status="403 X"
    ),
    "an error page": lambda a: response(f"<pre>{echo(a)}</pre>", status="500 X", kind="text/html"),
    "401": lambda a: response(json.dumps({"message": f"Unknown token {TOKEN}."}), status="401 X"),
    "a page instead of JSON": lambda a: response(f"<pre>{TOKEN}{echo(a)}</pre>", kind="text/html"),
    "a type": lambda _: response("x", kind=f"text/{TOKEN}"),
    "a quotation cut off": lambda _: response("x" * 189 + TOKEN, kind="text/html"),
    "no JSON": lambda a: response(f"{TOKEN} {echo(a)}"),
    "JSON of another shape": lambda _: response(f'{{"rows":"{TOKEN}"}}'),
    "a row of another shape": lambda _: response(f'{{"total":1,"rows":[{{"id":"{TOKEN}"}}]}}'),
    "a status line": lambda _: f"{TOKEN} 200 OK\r\n\r\n".encode(),
    "a reason": lambda _: response("{}", status=f"418 {TOKEN}"),
    "a broken header": lambda _: f"HTTP/1.1 200 OK\r\n{TOKEN}\x00: x\r\n\r\n".encode(),
    "a broken length": lambda _: f"HTTP/1.1 200 OK\r\nContent-Length: {TOKEN}\r\n\r\n".encode(),
    "an unknown encoding": lambda _: response("{}", "Content-Encoding: br"),
    "broken gzip": lambda _: response(TOKEN, "Content-Encoding: gzip"),
    "a body cut off": lambda _: response("{}").replace(b"Length: 2", b"Length: 9") + b"{" * 3,
    "no answer": lambda _: b"",
    "a flood": lambda _: response(TOKEN + " " * 5_000_000),
    "a redirect": lambda _: response("", f"Location: https://x/?t={TOKEN}", status="302 X"),
}
IN_THE_BODY = {"no JSON", "JSON of another shape", "a row of another shape"}
"""Here the page itself holds the token: a local of the decoder's frames, and the result of a task, whose beginning
asyncio's debug mode shows.
"""


@pytest.mark.filterwarnings("ignore::teamup_async.errors.TeamUpDialectWarning")  # of a refusal
@pytest.mark.parametrize("name", ECHOES)
async def test_errors(name, log):
    """A server that sends back what it was sent, in any place, brings no token into an error or a log."""
    async with (
        serving(ECHOES[name]) as server,
        client(
            server.url,
            token=TOKEN,
            max_body=1_000_000,
            retry=RetryPolicy(attempts=2),
            timeout=Timeouts(attempt=0.15),
        ) as teamup,
    ):
        errors = []
        for work in (teamup.reports.attendances().collect, teamup.course_sessions().count):
            with pytest.raises(TeamUpError) as caught:
                await work()
            errors.append(caught.value)
    assert len(server.asked) >= 2
    assert all(f"Authorization: Token {TOKEN}".encode() in asked.head for asked in server.asked)
    assert not [asked.line for asked in server.asked if MARK in asked.line]
    for error in errors:
        assert MARK not in everything(error, with_locals=name not in IN_THE_BODY)
    said = [each.getMessage() for each in log.records if name not in IN_THE_BODY or each.name != "asyncio"]
    assert not [text for text in said if MARK in text]


def tokens(**more: Any) -> str:
    return json.dumps({"access_token": NEW_TOKEN, "refresh_token": NEW_REFRESH, **more})


REFRESHES: dict[str, Any] = {
    "text": lambda _: response(tokens(), kind="text/plain"),
    "a wrong type": lambda _: response(tokens(expires_in="soon")),
    "cut off": lambda _: response(tokens()[:-3]),
    "two lines": lambda _: response(tokens(access_token=f"{NEW_TOKEN}\r\nX: y")),
    "half a surrogate": lambda _: response(tokens().replace("canary-new-77aa", "\\ud800canary-new-77aa")),
    "no UTF-8": lambda _: response(tokens().encode() + b"\xff"),
    "deep": lambda _: response(tokens()[:-1] + ',"x":' + "[" * 100_000),
    "refused": lambda a: response(json.dumps({"message": echo(a), "code": REFRESH}), status="400 X"),
    "failing": lambda a: response(echo(a), status="500 X", kind="text/html"),
    "no HTTP": lambda a: a.body,
    "good, and then refused": lambda _: response(tokens(expires_in=60)),
}


@pytest.mark.parametrize("name", REFRESHES)
async def test_refreshes(name, log):
    """Whatever comes of renewing a token: an error of this package that holds neither old nor new tokens."""

    def answer(asked: Asked) -> bytes:
        if asked.line.startswith("POST"):
            return REFRESHES[name](asked)
        said = asked.head.decode().partition("Authorization: ")[2][:60]
        return response(json.dumps({"message": f"expired: {said}"}), status="401 X")

    options: dict[str, Any] = {"refresh_token": REFRESH, "timeout": Timeouts()}
    async with serving(answer) as server, client(server.url, token=TOKEN, **options) as teamup:
        with pytest.raises(TeamUpError) as caught:
            await teamup.reports.attendances().collect()
    assert any(asked.line.startswith("POST /auth/refresh_access_token HTTP") for asked in server.asked)
    assert not [asked.line for asked in server.asked if MARK in asked.line]
    assert MARK not in everything(caught.value, with_locals=True)
    assert MARK not in log.text
