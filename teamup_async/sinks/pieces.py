"""The state of a run in pieces, so that a save writes what has changed: with many accounts the whole is long. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import State

__all__ = ["Pieces", "changed", "in_pieces", "whole"]

Pieces = dict[str, Any]
"""Values of a state by ``section/name``, or by ``section`` where that is no object."""


def in_pieces(state: Mapping[str, Any]) -> Pieces:
    """The values of a state, each under a key of its own."""
    pieces: Pieces = {}
    for section, value in state.items():
        if isinstance(value, Mapping):
            pieces[f"{section}/"] = None  # there, also while nothing is in it
            for name, item in value.items():  # pyright: ignore[reportUnknownVariableType]
                pieces[f"{section}/{name}"] = item
        else:
            pieces[section] = value
    return pieces


def whole(pieces: Mapping[str, Any]) -> State:
    """The state that `in_pieces` took apart."""
    state: dict[str, Any] = {}
    for key, value in pieces.items():
        section, slash, name = key.partition("/")
        if not slash:
            state[section] = value
        elif name:
            state.setdefault(section, {})[name] = value
        else:
            state.setdefault(section, {})
    return state


def changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[Pieces, list[str]]:
    """The pieces that are new or have other values, and the keys of those that are gone."""
    new = {
        key: value
        for key, value in now.items()
        if key not in before or (before[key] is not value and before[key] != value)
    }
    return new, [key for key in before if key not in now]
