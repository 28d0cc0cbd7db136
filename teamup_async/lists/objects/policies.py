"""Policies and their versions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

__all__ = ["Policy", "PolicyVersion"]


@attrs.frozen
class Policy:
    """A policy of the business; `current_or_impending_version` is an id until expanded."""

    id: int | None = None
    name: str | None = None
    current_or_impending_version: int | PolicyVersion | None = None
    status: Literal["active", "archived"] | str | None = None


@attrs.frozen(slots=False)
class PolicyVersion:
    """A version of a policy."""

    id: int | None = None
    object: Literal["policy_version"] | str | None = None
    text: str | None = None
    url: str | None = None
    effective_at: datetime | None = None
