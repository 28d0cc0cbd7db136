"""One connection to Redis, for all callers of a quota that is counted there."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .redis_script import SCRIPT

__all__ = ["LostError", "RedisLink"]

_PATIENCE: Final = 2.0
"""Seconds that Redis may take to answer."""
_MOST: Final = 500
"""Commands that are sent together."""


class LostError(Exception):
    """Redis does not answer."""


class RedisLink:
    """One connection to Redis. Commands of all callers that wait for it travel together."""

    def __init__(self, url: str) -> None:
        try:
            import redis.asyncio
            from redis import exceptions
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
        except ModuleNotFoundError:
            raise ConfigurationError(
                "RedisQuota needs the package redis: pip install 'teamup-async[redis]'"
            ) from None
        try:
            parts = urlsplit(url)
            self.place = (
                f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
            )
            client: Any = redis.asyncio.Redis
            self._client = client.from_url(
                url,
                socket_timeout=_PATIENCE,
                socket_connect_timeout=_PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:
            raise ConfigurationError("the URL of Redis must look like redis://host:6379/0") from None
        self._errors: Any = exceptions
        self._known = ""  # the digest of the script, once Redis has it
        self._waiting: deque[tuple[tuple[Any, ...], asyncio.Future[Any]]] = deque()
        self._sender: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Let Redis know the script. Raises `LostError`."""
        try:
            self._known = await self._client.script_load(SCRIPT)
        except (OSError, TimeoutError, self._errors.RedisError) as error:
            raise self._lost(error) from None

    def missing(self, reason: object) -> ConfigurationError:
        """The error for whoever can't go on."""
        return ConfigurationError(
            f"cannot use {self.place} for the quota: {reason} (with on_lost='slow', RedisQuota goes on without it)"
        )

    async def ask(self, *arguments: Any) -> Any:
        """What the script answers. Raises `LostError`."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((arguments, answer))
        if self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return await answer

    async def aclose(self) -> None:
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        await self._client.aclose()

    async def _send(self) -> None:
        asked: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        try:
            while self._waiting:
                asked = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
                answers = await self._twice([arguments for arguments, _ in asked])
                for (_, future), answer in zip(asked, answers, strict=True):
                    if future.done():
                        continue
                    if isinstance(answer, Exception):
                        future.set_exception(self._lost(answer))
                    else:
                        future.set_result(answer)
                asked = []
        except (OSError, TimeoutError, self._errors.RedisError) as error:
            for _, future in (*asked, *self._waiting):
                if not future.done():
                    future.set_exception(self._lost(error))
            self._waiting.clear()
        except asyncio.CancelledError:
            for _, future in (*asked, *self._waiting):
                future.cancel()
            self._waiting.clear()
            raise
        finally:
            self._sender = None

    async def _twice(self, asked: list[tuple[Any, ...]]) -> list[Any]:
        """Ask again at once where the connection is broken: Redis may have closed it, and be there."""
        try:
            return await self._together(asked)
        except self._errors.ConnectionError:
            return await self._together(asked)

    async def _together(self, asked: list[tuple[Any, ...]]) -> list[Any]:
        """One round trip for all; another where Redis does not know the script (it was restarted)."""
        answers: list[Any] = [self._errors.NoScriptError()] * len(asked)
        for _ in range(2):
            again = [i for i, answer in enumerate(answers) if isinstance(answer, self._errors.NoScriptError)]
            if not again:
                break
            if not self._known:
                self._known = await self._client.script_load(SCRIPT)
            async with self._client.pipeline(transaction=False) as pipe:
                for i in again:
                    pipe.evalsha(self._known, 2, *asked[i])
                for i, answer in zip(again, await pipe.execute(raise_on_error=False), strict=True):
                    answers[i] = answer
            if any(isinstance(answers[i], self._errors.NoScriptError) for i in again):
                self._known = ""
        return answers

    def _lost(self, error: Exception) -> LostError:
        return LostError(" ".join(f"{type(error).__name__}: {error}".split())[:200])
