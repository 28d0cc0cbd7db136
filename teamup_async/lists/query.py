"""What the queries of most lists have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import attrs

from ..query import Query, limits

__all__ = ["ListQuery"]

Row = TypeVar("Row")


@attrs.frozen(kw_only=True)
class ListQuery(Query[Row]):
    """Parameters of a list that can send objects whole, or a choice of fields.

    API documents: all "List" pages but "Customer Field Values" and "Payment Methods"; guide
    "expanding-responses".
    """

    expand: Sequence[str] | None = attrs.field(
        default=None,
        metadata=limits(
            "Objects to send whole instead of as an id or URL; dots reach deeper, four levels at most.",
            comma=True,
        ),
    )
    fields: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Fields to return; dots reach into objects.", comma=True)
    )
