"""A running sandbox, and a plain HTTP client that knows nothing of `teamup_async`."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from attrs import define

from teamup_async.sandbox import Sandbox


@define
class Answered:
    status: int
    headers: Any
    body: Any


@define
class Caller:
    """GETs a path of the sandbox with the ordinary token, lists as repeated keys."""

    session: aiohttp.ClientSession
    sandbox: Sandbox

    async def __call__(
        self, path: str, *, token: str | None = None, headers: Any = None, **params: Any
    ) -> Answered:
        pairs = [
            (name, str(item).lower() if isinstance(item, bool) else str(item))
            for name, value in params.items()
            for item in (value if isinstance(value, list) else [value])
        ]
        given = {"Authorization": f"Token {token or self.sandbox.token}", **(headers or {})}
        async with self.session.get(self.sandbox.url + path, params=pairs, headers=given) as response:
            if response.content_type == "application/json":
                return Answered(response.status, response.headers, await response.json())
            return Answered(response.status, response.headers, await response.read())

    async def report(self, name: str, **params: Any) -> dict[str, Any]:
        answered = await self(f"/reports/{name}/data", format="json", **params)
        assert answered.status == 200, answered.body
        return answered.body

    async def rows(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """All rows of a report, by offset."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.report(name, limit=100, offset=len(found), **params)
            found += page["rows"]
            if not page["rows"]:
                assert page["total"] == len(found)
                return found

    async def sessions(self, **params: Any) -> list[dict[str, Any]]:
        """All course sessions, by page."""
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            answered = await self("/course_sessions", page=page, **params)
            assert answered.status == 200, answered.body
            found += answered.body["results"]
            if answered.body["next"] is None:
                assert answered.body["count"] == len(found)
                return found
            page += 1


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A small one without a quota."""
    async with Sandbox(rows=600, course_sessions=130, rate=None) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The caller's connections."""
    async with aiohttp.ClientSession() as open_session:
        yield open_session


@pytest.fixture
def call(session: aiohttp.ClientSession, sandbox: Sandbox) -> Caller:
    """Call the sandbox."""
    return Caller(session, sandbox)
