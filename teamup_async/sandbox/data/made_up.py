"""Values made up from types: plausible, and the same for the same generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import attrs

from .shape import members_of
from .words import full_name

_DEEPEST: Final = 3


def make_row(row_class: type, rng: Random, now: datetime, depth: int = 0) -> dict[str, Any]:
    """A JSON object that fits an attrs class; an ``X | None`` is None now and then."""
    hints = get_type_hints(row_class)
    return {
        field.name: made_up(field.name, hints[field.name], rng, now, depth)
        for field in attrs.fields(row_class)
        if get_origin(hints[field.name]) is not Mapping
    }


def made_up(name: str, hint: Any, rng: Random, now: datetime, depth: int = 0) -> Any:
    """A value that fits a type."""
    members = [m for m in members_of(hint) if m is not NoneType]
    kind = next((m for m in members if m is not str), str)
    if get_origin(kind) is Literal:
        return rng.choice(get_args(kind))
    if get_origin(kind) in (list, tuple, Sequence):
        count = 0 if depth >= _DEEPEST else rng.randint(0, 2)
        return [made_up(name, get_args(kind)[0], rng, now, depth + 1) for _ in range(count)]
    if isinstance(kind, type) and attrs.has(kind):
        if NoneType in members_of(hint) and (depth >= _DEEPEST or rng.random() < 0.2):
            return None
        return make_row(kind, rng, now, depth + 1)
    return _SCALARS.get(kind, _text)(name, rng, now)


def _moment(rng: Random, now: datetime) -> datetime:
    return now - timedelta(minutes=rng.randint(0, 1_000_000))


def _text(name: str, rng: Random, _: datetime) -> str:
    if "email" in name:
        return f"customer{rng.randint(1, 9999)}@example.com"
    return full_name(rng) if name == "name" else f"{name} {rng.randint(1, 999)}"


_SCALARS: Final[Mapping[Any, Callable[[str, Random, datetime], Any]]] = {
    bool: lambda _name, rng, _now: rng.random() < 0.5,
    int: lambda _name, rng, _now: rng.randint(1, 100_000),
    float: lambda _name, rng, _now: rng.randint(0, 100_000) / 100,
    Decimal: lambda _name, rng, _now: rng.randint(0, 100_000) / 100,
    datetime: lambda _name, rng, now: f"{_moment(rng, now):%Y-%m-%dT%H:%M:%S.000Z}",
    date: lambda _name, rng, now: f"{_moment(rng, now):%Y-%m-%d}",
    time: lambda _name, rng, now: f"{_moment(rng, now):%H:%M:%S}",
}
