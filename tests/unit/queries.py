"""A query class with a parameter of each kind."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs

from teamup_async.query import Query, limits


@attrs.frozen(kw_only=True)
class Everything(Query[Any]):
    """A parameter of each kind."""

    whole: int | None = attrs.field(default=None, metadata=limits("A number.", minimum=0, maximum=100))
    wholes: Sequence[int] | None = None
    number: float | Decimal | None = attrs.field(default=None, metadata=limits(maximum=10))
    flag: bool | None = attrs.field(default=None, metadata=limits(default=False))
    moment: datetime | None = None
    day: date | None = None
    local: datetime | None = attrs.field(default=None, metadata=limits(local=True))
    either: str | int | datetime | None = None
    text: str | None = None
    texts: Sequence[str] | None = None
    listed: Sequence[str] | None = attrs.field(default=None, metadata=limits(comma=True))
    choice: Literal["one", "two"] | None = None
    number_choice: Literal[0, 2] | None = None
    id_or_me: Sequence[int | str] | None = attrs.field(default=None, metadata=limits(pattern=r"^(\d+|me)$"))
    choices: Sequence[Literal["one", "two"]] | None = None
    pairs: Sequence[str] | None = attrs.field(default=None, metadata=limits(min_items=2, min_length=1))
