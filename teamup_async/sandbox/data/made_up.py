"""Values made up from types: plausible, and the same for the same generator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from ...hints import hints_of, is_class, is_mapping, item_of, read
from ...rows import run_time_field
from .words import full_name

_DEEPEST: Final = 3


def make_row(row_class: type, rng: Random, now: datetime, depth: int = 0) -> dict[str, Any]:
    """A JSON object that fits an attrs class; an ``X | None`` is None now and then."""
    return {
        name: made_up(name, hint, rng, now, depth)
        for name, hint in hints_of(row_class).items()
        if name != run_time_field(row_class)
    }


def made_up(name: str, hint: Any, rng: Random, now: datetime, depth: int = 0) -> Any:
    """A value that fits a type."""
    said = read(hint)
    if said.values:
        return rng.choice(said.values)
    plain = [form for form in said.forms if not is_mapping(form)]
    kind = next((form for form in plain if form is not str), str)
    item = item_of(kind)
    if item is not None:
        count = 0 if depth >= _DEEPEST else rng.randint(0, 2)
        return [made_up(name, item, rng, now, depth + 1) for _ in range(count)]
    if is_class(kind):
        if said.optional and (depth >= _DEEPEST or rng.random() < 0.2):
            return None
        return make_row(kind, rng, now, depth + 1)
    if not plain:
        return {f"{name} {n}": rng.randint(1, 9) for n in range(rng.randint(0, 2))}
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
