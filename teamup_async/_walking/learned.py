"""What the walks of one client have found out about its server, for the walks that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..dialect import Dialect

if TYPE_CHECKING:
    from ..endpoint import Endpoint

__all__ = ["Learned"]


@attrs.define
class Learned:
    """What is known of the server of one client.

    `told` is the dialect that the client was given. `sorted_by_id`: endpoints whose rows were seen to come sorted, as
    asked. `largest`: how many rows the largest page had.
    """

    told: Dialect = Dialect()
    sorted_by_id: set[str] = attrs.field(factory=set[str])
    largest: int = 0
    _spoken: dict[str, Dialect] = attrs.field(factory=dict[str, Dialect])
    _sizes: dict[str, int] = attrs.field(factory=dict[str, int])
    _said: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])

    def dialect_of(self, endpoint: Endpoint[..., Any]) -> Dialect:
        """The dialect in which the endpoint answers, as far as it is known."""
        return self._spoken.get(endpoint.name, self.told)

    def size_of(self, endpoint: Endpoint[..., Any]) -> int:
        """The largest page that can be asked for."""
        return self._sizes.get(endpoint.name, endpoint.max_page_size)

    def note(self, endpoint: Endpoint[..., Any], dialect: Dialect) -> None:
        """Let the walks that follow know the dialect."""
        self._spoken[endpoint.name] = dialect

    def note_size(self, endpoint: Endpoint[..., Any], size: int) -> None:
        """Let the walks that follow ask for no more than `size` rows a page."""
        self._sizes[endpoint.name] = size

    def is_new(self, field: str, value: str) -> bool:
        """Whether nobody has asked this before: what is said once is said the first time only."""
        if (field, value) in self._said:
            return False
        self._said.add((field, value))
        return True
