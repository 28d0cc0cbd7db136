"""Whose requests these are, what counts them, and who is told of them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import attrs

from ..stats import Meter
from ..telemetry.hooks import Telemetry, during
from ..telemetry.naming import route
from .exchange import Exchange

__all__ = ["Ledger"]

_NOBODY = nullcontext()


@attrs.frozen(kw_only=True)
class Ledger:
    """The ledger of one account, or of one endpoint of it.

    `meter` counts all that is sent under it; meters of walks have it above them. `telemetry` is told what is done; None
    for nobody. `endpoint` is what the log and telemetry call what is asked; where it is empty, the path tells.
    """

    account: str
    endpoint: str = ""
    meter: Meter = attrs.field(factory=Meter)
    telemetry: Telemetry | None = None

    def metered(self) -> Ledger:
        """The same ledger with a meter of its own, below this one's."""
        return attrs.evolve(self, meter=Meter(above=self.meter))

    def of(self, endpoint: str) -> Ledger:
        """The ledger of one endpoint."""
        return attrs.evolve(self, endpoint=endpoint)

    @property
    def whose(self) -> tuple[str, str]:
        """The account and the endpoint."""
        return self.account, self.endpoint

    def named(self, path: str) -> str:
        """What a request for `path` is about."""
        return self.endpoint or route(path)

    def meter_of(self, endpoint: str | None = None) -> Meter:
        """A new meter below this ledger's: of a walk, or of one request."""
        if self.telemetry is None:
            return Meter(above=self.meter)
        tell = self.telemetry.tell(self.account, self.endpoint if endpoint is None else endpoint)
        return Meter(above=self.meter, tell=tell)

    def watching(self, exchange: Exchange[Any]) -> AbstractContextManager[object]:
        """A block that is one request with all its tries, for whoever is told."""
        return _NOBODY if self.telemetry is None else self._watched(self.telemetry, exchange)

    @contextmanager
    def _watched(self, telemetry: Telemetry, exchange: Exchange[Any]) -> Generator[None]:
        with telemetry.request(exchange) as exchange.watch:
            yield

    def during(self, name: str, **values: Any) -> AbstractContextManager[dict[str, Any]]:
        """A block that is work of that name, for whoever is told; see `telemetry.hooks.during`."""
        return during(self.telemetry, name, self.account, self.endpoint, **values)
