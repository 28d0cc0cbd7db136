"""When faults happen."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from .fault import Fault
from .record import Received


@attrs.define(eq=False)
class Rule:
    """When a fault happens: see `Faults.add`. `fired` counts how often it did, `seen` the requests it
    applied to.
    """

    fault: Fault
    path: str | None = None
    nth: int = 1
    times: int | None = 1
    when: Callable[[Received], bool] | None = None
    seen: int = attrs.field(default=0, init=False)
    fired: int = attrs.field(default=0, init=False)

    def applies(self, request: Received, names: Iterable[str]) -> bool:
        """Count a request it is about; whether the fault is due."""
        if self.path is not None and self.path not in names:
            return False
        if self.when is not None and not self.when(request):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.fired < self.times)


@attrs.define(eq=False)
class Faults:
    """The faults to come."""

    rules: list[Rule] = attrs.field(factory=list[Rule])

    def add(
        self,
        fault: Fault,
        *,
        path: str | None = None,
        nth: int = 1,
        times: int | None = 1,
        when: Callable[[Received], bool] | None = None,
    ) -> Rule:
        """Let a fault happen `times` times (None: always), from the `nth` request on (counted from now,
        from 1).

        `path` is an endpoint's name or path, `when` a predicate on the request. Of several faults due for one
        request the first added happens; the others wait.
        """
        if nth < 1 or (times is not None and times < 1):
            raise ValueError("nth and times count from 1")
        rule = Rule(fault, path, nth, times, when)
        self.rules.append(rule)
        return rule

    def script(self, *faults: Fault | None, path: str | None = None) -> list[Rule]:
        """One fault for each of the next requests, in order; None answers rightly."""
        return [
            self.add(fault, path=path, nth=index)
            for index, fault in enumerate(faults, 1)
            if fault is not None
        ]

    def clear(self) -> None:
        """No more faults."""
        self.rules.clear()

    def due(self, request: Received, names: Iterable[str]) -> Fault | None:
        """The fault for this request, if any."""
        known = tuple(names)
        due = [rule for rule in tuple(self.rules) if rule.applies(request, known)]
        if not due:
            return None
        due[0].fired += 1
        return due[0].fault
