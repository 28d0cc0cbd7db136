"""``functools.cache`` that keeps the signature of what it wraps for type checkers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import ParamSpec, TypeVar, cast

__all__ = ["memo"]

P = ParamSpec("P")
R = TypeVar("R")


def memo(function: Callable[P, R]) -> Callable[P, R]:
    """Remember every result of `function`, whose arguments must be hashable."""
    return cast("Callable[P, R]", cache(function))
