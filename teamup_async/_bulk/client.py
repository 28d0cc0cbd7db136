"""What a bulk run needs of a client, so that it knows no client itself."""

from __future__ import annotations

from typing import Any, Protocol

from ..endpoint import Endpoint
from ..query import Query
from ..stats import Stats
from ..stream import RowStream

__all__ = ["Client"]


class Client(Protocol):
    """What `TeamUp` is to a bulk run: it makes streams, and says whose data they hold."""

    @property
    def identity(self) -> dict[str, str | None]:
        """Whose data it reads: ``base_url``, ``provider``, ``mode``, and ``caller``, a digest of the token."""
        ...

    @property
    def stats(self) -> Stats:
        """What it has done so far."""
        ...

    def stream(self, endpoint: Endpoint[..., Any], query: Query[Any], /) -> RowStream[Any]:
        """A stream of an endpoint."""
        ...
