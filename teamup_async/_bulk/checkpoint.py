"""How far a run has come: a JSON-able state that the sink saves together with the rows, for each target its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import attrs

from ..errors import TeamUpError, clip
from ..sinks.base import Merge, Target
from .plan import Part

__all__ = ["EMPTY", "CheckpointError", "Saved", "check", "differences"]

VERSION: Final = 2
"""Version of the state; a state of another version is refused."""

EMPTY: Final[Mapping[str, Any]] = {"version": VERSION, "targets": {}, "parts": {}}
"""The state of a place where nothing is unfinished."""

Kind = Literal["pull", "sync"]


class CheckpointError(TeamUpError):
    """What is in a place is of something else than this run: another query, account, format or version.

    What to do: give the command of the first run again, or write to another place.
    """


@attrs.frozen(kw_only=True)
class Saved:
    """What is saved of a target until it is finished.

    `request` (JSON-able) is what was asked for and `sink` how its stages are written: both must be the same for
    a later run to go on. `owner` says whose rows they are. `parts` are its walks. `merge` says how a sync ends.
    `place` is where the finished rows are.
    """

    kind: Kind
    request: Mapping[str, Any]
    sink: Mapping[str, Any]
    owner: Mapping[str, Any]
    parts: tuple[Part, ...]
    merge: Merge | None = None
    place: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The values as JSON has them."""
        return {
            **attrs.asdict(self, recurse=False),
            "parts": [part.to_json() for part in self.parts],
            "merge": None if self.merge is None else attrs.asdict(self.merge),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Saved:
        """What `to_json` described."""
        merge: dict[str, Any] | None = values["merge"]
        made: dict[str, Any] = {**values, "parts": tuple(map(Part.from_json, values["parts"]))}
        if merge is not None:
            since: list[str] | None = merge["since"]
            made["merge"] = Merge(
                mark=merge["mark"], replace=merge["replace"], since=(since[0], since[1]) if since else None
            )
        return cls(**made)

    @property
    def ids(self) -> list[str]:
        """The ids of its parts."""
        return [part.id for part in self.parts]


def check(saved: Saved, wanted: Saved, target: Target, place: str) -> None:
    """Make sure that an unfinished target is what is wanted. Raises `CheckpointError`, naming the first difference."""
    for name in ("kind", "sink", "request"):
        for path, before, now in differences(getattr(saved, name), getattr(wanted, name), name):
            raise CheckpointError(
                f"{place} holds an unfinished {saved.kind} of {target} that asks for something else: {_said(path)} "
                f"was {_shown(before)}, and is {_shown(now)} now. "
                "Finish it with what it was started with, or begin it anew with restart."
            )


def differences(before: Any, now: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        names: dict[str, None] = {**dict.fromkeys(before), **dict.fromkeys(now)}  # pyright: ignore[reportUnknownArgumentType]
        for name in names:
            yield from differences(before.get(name), now.get(name), f"{path}.{name}" if path else name)  # pyright: ignore[reportUnknownMemberType]
    elif _plain(before) != _plain(now):
        yield path, before, now


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _said(path: str) -> str:
    return path.removeprefix("request.")


def _shown(value: Any) -> str:
    return "not given" if value is None else clip(repr(value), 100)
