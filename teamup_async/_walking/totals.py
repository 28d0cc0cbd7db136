"""What the totals that a server announces are worth in one walk. Pure.

A total counts the rows behind the key that a request enters at, or the whole report whatever the key. Two stretches
of a walk tell: from one to the next it falls by as many rows as were yielded, or it stays the same. Where it falls
by just so many, the rows yielded were the first of the order: the server sorts as asked.
"""

from __future__ import annotations

import attrs

from .position import Key, Position

__all__ = ["Totals"]


@attrs.define
class Totals:
    """What one walk has learnt of its totals.

    `ignored`: whether they are known to be worth nothing. `whole`: whether they count the whole report behind a key,
    too. `fallen`: whether the latest one has fallen, and by no more than the rows yielded. `moving`: whether rows were
    seen to come or go: behind one key as many rows are counted each time, and in all.
    """

    ignored: bool = False
    whole: bool = False
    fallen: bool = False
    moving: bool = False
    _since: Key | None = None
    _begun: int | None = None
    _total: int | None = None
    _overall: int | None = None
    _disproved: bool = False

    def of_stretch(self, position: Position, received: int, total: int | None, taken: int) -> int | None:
        """How many rows the stretch of `position` has, where `total` was announced with a page of `received` rows, of
        which `taken` are new.

        None where that can't be believed.
        """
        if self.ignored or total is None:
            return None
        before, since = self._total, self._since
        # A server that takes id_gt inclusively counts the row at the key again.
        self._compare(position, total, 0 if position.seen else received - taken)
        end = position.start + received
        whole = self.whole and position.since is not None
        overall = total if whole else total - end + position.done + taken
        if self._overall is not None:
            self.moving |= overall != self._overall or (since == position.since and total != before)
        self._overall = overall
        if whole:
            left = total - (_before(position) if self._begun is None else self._begun)
            return left if left == end or not received else None
        if not received and position.since is not None and total == position.done:
            return end  # as many as were yielded in all: it counts the whole report, and a walk that resumed can't know
        if received and total < end:
            self._disproved = True
        return None if self._disproved and received < position.asked and total != end else total

    def of_walk(self, position: Position, received: int, total: int | None, taken: int) -> int | None:
        """How many rows the whole walk has, as far as the server announced them with a page that `taken` are of."""
        left = -1 if total is None else total - position.start - received
        if left < 0 or (self.whole and position.since is not None):
            return total
        return left + position.done + taken

    def _compare(self, position: Position, total: int, again: int) -> None:
        if self._begun is None:
            at_beginning = 0 if position.since is None else None  # of a walk that goes on by numbers
            self._begun = _before(position) if position.start == 0 else at_beginning
        elif position.since != self._since:
            moved = _before(position) - self._begun
            if moved > 0 and self._total is not None:
                self.fallen = self._total - moved + again <= total < self._total
                self.whole = total == self._total or (self.whole and total != self._total - moved)
            self._begun = _before(position)
        else:
            return
        self._since, self._total = position.since, total


def _before(position: Position) -> int:
    """How many rows were yielded that lie before the key of `position`, at the beginning of its stretch."""
    return position.done - len(position.seen)
