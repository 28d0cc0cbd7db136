"""What the walks of one client have found out about its server, for the walks that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from ..dialect import Dialect

if TYPE_CHECKING:
    from ..endpoint import Endpoint

__all__ = ["Learned", "Told"]

STALE: Final = 86_400.0
"""Seconds after which what was found out is found out anew: a server may be another one by then."""


@attrs.frozen(kw_only=True)
class Told:
    """What is known of lists of values in the form in which they were sent.

    `read`: the server looks at them. `several`: all values count, not only the last. `doubtful`: the answer does not
    look like that.
    """

    read: bool = False
    several: bool = False
    doubtful: bool = False

    def lacks(self, other: Told) -> Told:
        """What of this `other` does not tell."""
        return Told(read=self.read and not other.read, several=self.several and not other.several)

    def __or__(self, other: Told) -> Told:
        return Told(read=self.read or other.read, several=self.several or other.several)


@attrs.define
class Learned:
    """What is known of the server of one client.

    `told` is the dialect that the client was given. `sorted_by_id`: endpoints whose rows were seen to come sorted, as
    asked. `largest`: how many rows the largest page of each endpoint had. `sure`: the caller told the dialect, so
    nothing is asked to find it out. `understood`: what is known of lists of values, by the field that says their form.
    `doubted`: endpoints whose headers looked otherwise, and were asked about it. `id_gt`: endpoints that were seen to
    know it where rows can't show that. `totals`: the totals of each endpoint that were seen to be right.
    """

    told: Dialect = Dialect()
    sorted_by_id: set[str] = attrs.field(factory=set[str])
    largest: dict[str, int] = attrs.field(factory=dict[str, int])
    sure: bool = False
    understood: dict[str, Told] = attrs.field(factory=dict[str, Told])
    doubted: set[str] = attrs.field(factory=set[str])
    id_gt: set[str] = attrs.field(factory=set[str])
    totals: dict[str, set[int]] = attrs.field(factory=dict[str, set[int]])
    _lists: dict[str, str] = attrs.field(factory=dict[str, str])
    _spoken: dict[str, dict[str, str]] = attrs.field(factory=dict[str, dict[str, str]])
    _sizes: dict[str, int] = attrs.field(factory=dict[str, int])
    _said: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])
    _began: float | None = None

    def dialect_of(self, endpoint: Endpoint[..., Any]) -> Dialect:
        """The dialect in which the endpoint answers, as far as it is known."""
        spoken: dict[str, Any] = {**self._lists, **self._spoken.get(endpoint.full_name, {})}
        return attrs.evolve(self.told, **spoken)

    def size_of(self, endpoint: Endpoint[..., Any]) -> int:
        """The largest page that can be asked for."""
        return self._sizes.get(endpoint.full_name, endpoint.max_page_size)

    def renew(self, now: float) -> None:
        """Forget what was found out a day ago or earlier. What was said to the caller is not said again."""
        if self._began is not None and now - self._began < STALE:
            return
        self._began = now
        for known in (self.sorted_by_id, self.doubted, self.id_gt):
            known.clear()
        for noted in (self.largest, self.understood, self.totals, self._lists, self._spoken, self._sizes):
            noted.clear()

    def note(self, endpoint: Endpoint[..., Any], field: str, value: str) -> None:
        """Let the walks that follow know this field of the dialect; what is known of others stays."""
        self._spoken.setdefault(endpoint.full_name, {})[field] = value

    def doubting_totals(self, endpoint: Endpoint[..., Any]) -> Learned:
        """The same for one walk of the endpoint that believes no total."""
        doubting = {**self._spoken.get(endpoint.full_name, {}), "total": "approximate"}
        return attrs.evolve(self, spoken={**self._spoken, endpoint.full_name: doubting})

    def note_form(self, field: str, form: str) -> None:
        """Let the walks that follow send lists of values in this form."""
        self._lists[field] = form

    def note_size(self, endpoint: Endpoint[..., Any], size: int) -> None:
        """Let the walks that follow ask for no more than `size` rows a page."""
        self._sizes[endpoint.full_name] = size

    def trusts(self, total: int, envelope: str) -> bool:
        """Whether a total is known to count the rows of a query: two of one endpoint were right, not both round.

        One is twice the other at least: a server that leaves filters out says two totals, too, where rows come. A
        server may count up to some number only, so no total is trusted that is larger than those that were right.
        """
        known = [totals for name, totals in self.totals.items() if name.startswith(f"{envelope}s.")]
        return any(map(_proves, known)) and total <= max(map(max, known))

    def is_new(self, field: str, value: str) -> bool:
        """Whether nobody has asked this before: what is said once is said the first time only."""
        if (field, value) in self._said:
            return False
        self._said.add((field, value))
        return True


def _proves(totals: set[int]) -> bool:
    """Whether totals that were right can't be those of a server that counts otherwise."""
    return 2 * min(filter(None, totals), default=1) <= max(totals) and any(right % 10 for right in totals)
