"""From async methods to methods that wait, with the same parameters, types and docstrings."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, cast

from .._background import Background

if TYPE_CHECKING:
    from .streams import RowStream

__all__ = ["Items", "Waiting", "again", "same", "spoken", "waits"]

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Row = TypeVar("Row")


class Waiting(Protocol[P, T_co]):
    """A method, for type checkers."""

    def __get__(self, owner: object, owner_class: type | None = None) -> Callable[P, T_co]: ...


class _Again(Protocol[P]):
    """A method of a stream that gives another stream of the same rows, for type checkers."""

    def __get__(
        self, owner: RowStream[Row], owner_class: type | None = None
    ) -> Callable[P, RowStream[Row]]: ...


def waits(method: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> Waiting[P, T]:
    """The async `method` of what an object stands for, as a method that waits for the result."""

    @wraps(method)
    def waiting(self: Any, *args: Any, **kwargs: Any) -> T:
        its, there = self._its, self._background
        result: T = there.run(lambda: method(its, *args, **kwargs))
        return result

    return cast("Waiting[P, T]", _told(waiting))


def same(method: Callable[Concatenate[Any, P], T]) -> Waiting[P, T]:
    """A method of what an object stands for that waits for nothing anyway."""

    @wraps(method)
    def called(self: Any, *args: Any, **kwargs: Any) -> T:
        return method(self._its, *args, **kwargs)

    return cast("Waiting[P, T]", _told(called))


def again(method: Callable[Concatenate[Any, P], object]) -> _Again[P]:
    """A method of an async stream that gives another stream."""

    @wraps(method)
    def another(self: Any, *args: Any, **kwargs: Any) -> Any:
        return type(self)(method(self._stream, *args, **kwargs), self._open)

    return cast("_Again[P]", _told(another))


def spoken(text: str) -> str:
    """A docstring of async code in the words of code that waits."""
    return re.sub(r"\bawait |\basync (?=for\b|with\b)", "", text)


def _told(function: Callable[..., Any]) -> Callable[..., Any]:
    function.__doc__ = spoken(function.__doc__ or "")
    return function


class Items(Iterator[T], Generic[T]):
    """What an async iterator gives, one after the other; ``with`` waits for the end of what was in flight.

    Whoever drops it early ends its requests, and does not wait.
    """

    def __init__(self, there: Background, its: AsyncIterator[T], holder: object) -> None:
        self._there = there
        self._its: Any = its
        self._holder = holder  # of the client, which closes where nobody holds it
        self._ended = False

    def __next__(self) -> T:
        if self._ended:
            raise StopIteration
        try:
            item: T = self._there.run(self._its.__anext__)
        except StopAsyncIteration:
            self._ended = True
            raise StopIteration from None
        return item

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the walk, and wait until its requests have ended."""
        if not self._ended:
            self._ended = True
            self._there.run(self._its.aclose)

    def drop(self) -> None:
        """End the walk, and don't wait; may be called from any thread."""
        if not self._ended:
            self._ended = True
            self._there.soon(self._its.aclose)

    def __del__(self) -> None:
        self.drop()
