"""How far a pull has come: a JSON-able state that the sink saves together with the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..errors import TeamUpError, clip
from .plan import Plan

__all__ = ["CheckpointError", "check", "differences", "started"]

VERSION: Final = 1
"""Version of the state; a state of another version is refused."""


class CheckpointError(TeamUpError):
    """An unfinished pull is there that is not this one."""


def started(request: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The state of a pull that begins. `request` is what must be the same for the pull to go on later."""
    return {
        "version": VERSION,
        "request": dict(request),
        "plan": plan.to_json(),
        "parts": {},
        "published": {},
    }


def check(state: Mapping[str, Any], request: Mapping[str, Any], where: str) -> None:
    """Make sure that a saved state is of the same pull. Raises `CheckpointError`, which names the first difference."""
    advice = "Finish it with what it was started with, or start anew with restart"
    if state.get("version") != VERSION:
        raise CheckpointError(
            f"{where} holds an unfinished pull of another version of this package "
            f"(checkpoint {state.get('version')!r}, not {VERSION}). {advice}."
        )
    for path, before, now in differences(state.get("request", {}), request):
        raise CheckpointError(
            f"{where} holds an unfinished pull of something else: {path} was {_shown(before)}, "
            f"and is {_shown(now)} now. {advice}."
        )


def differences(before: Any, now: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ; parts in lists are told apart by their names."""
    before, now = _by_name(before), _by_name(now)
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        names: dict[str, None] = {**dict.fromkeys(before), **dict.fromkeys(now)}  # pyright: ignore[reportUnknownArgumentType]
        for name in names:
            yield from differences(before.get(name), now.get(name), f"{path}.{name}" if path else name)  # pyright: ignore[reportUnknownMemberType]
    elif before != now:
        yield path, before, now


def _by_name(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
    if not all(isinstance(item, Mapping) and "name" in item for item in items):
        return items
    return {"/".join(str(item[key]) for key in ("account", "name") if item.get(key)): item for item in items}


def _shown(value: Any) -> str:
    return "not given" if value is None else clip(repr(value), 100)
