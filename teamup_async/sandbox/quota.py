"""The documented quota: so many requests per minute and caller, as an exact sliding window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import attrs


@attrs.define
class Quota:
    """At most `rate` requests in any `window` seconds, for each caller; None admits everything.

    A refused request does not count. API document: guide "rate-limits" (250 per minute per caller).
    """

    rate: int | None
    window: float
    clock: Callable[[], float]
    _admitted: dict[str, deque[float]] = attrs.field(factory=dict[str, deque[float]], init=False)

    def admit(self, caller: str) -> float:
        """Seconds until a request of this caller would be admitted; 0.0 when it was admitted now."""
        if self.rate is None:
            return 0.0
        now = self.clock()
        times = self._admitted.setdefault(caller, deque())
        while times and times[0] <= now - self.window:
            times.popleft()
        if len(times) >= self.rate:
            return times[0] + self.window - now if times else self.window
        times.append(now)
        return 0.0

    def used(self, caller: str) -> int:
        """Requests of this caller in the window that ends now."""
        now = self.clock()
        return sum(time > now - self.window for time in self._admitted.get(caller, ()))
