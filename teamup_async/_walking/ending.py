"""What follows a page: another one, a question to be asked again, or nothing. Pure.

Rows prove the end of a walk, totals never do: a total is counted at another moment than the rows are selected,
and may be wrong. A page with fewer rows than asked for ends a walk where the total agrees, an empty one does
too. A full page never ends it. Where rows and total differ, the walk asks once more behind the last key.

Django counts first, and then selects no more rows than it counted. So its last numbered page may lack rows, where
others came in between, and its total agrees all the same: there, too, the walk asks once more.
"""

from __future__ import annotations

import attrs

from .position import PageNumber, Position
from .seams import Continues

__all__ = ["AskAgain", "Ended", "GoOn", "Stale", "Step", "following"]


@attrs.frozen
class Ended:
    """Nothing follows."""


@attrs.frozen
class GoOn:
    """The walk goes on at `position`."""

    position: Position


@attrs.frozen
class AskAgain:
    """The page brought nothing new although more was announced; another try at `position` may."""

    position: Position


@attrs.frozen
class Stale:
    """The page brought nothing new: rows moved, and the walk enters again at `position`."""

    position: Position


Step = Ended | GoOn | AskAgain | Stale


def following(
    position: Position,
    received: int,
    total: int | None,
    verdict: Continues,
    *,
    reenters: bool,
    thrifty: bool = False,
    clamped: bool = False,
    cut: bool = False,
) -> Step:
    """What follows a page of `received` rows at `position`, of which `verdict` took the new ones.

    `total` is None where the server announced none or one that rows have disproved. `reenters`: whether the walk
    can enter again at a key. `thrifty`: whether it does so for each page. `clamped`: whether the server is known
    to give no more than `received` rows a page. `cut`: whether a page of numbers may have been cut off at the total.
    """
    end = position.start + received
    more = total is not None and total > end
    if not received:
        again = _entering(position) if reenters and position.last is not None else position
        return AskAgain(again) if more else Ended()
    short = received < position.asked
    cut = cut and short and total == end and _hides_rows(position, end, verdict, reenters=reenters)
    if short and total == end and not cut:
        return Ended()
    # Pages of one row overlap in it: the only row comes again.
    clamped = clamped and (reenters or received > 1)
    if clamped:
        position = position.clamped(received)
        short = received < position.asked
    stepped = position.after(
        received, last=verdict.last, seen=verdict.seen, done=position.done + len(verdict.rows)
    )
    if not reenters:
        if clamped and total is None and received > 2 and not verdict.rows:
            return GoOn(stepped)  # in pages as small as the server may give; those of two rows can't overlap
        unclear = short and (more or (total is None and received > 2))
        return _overlapping(
            position, stepped, received, verdict, last=short and not (more or cut), unclear=unclear
        )
    if verdict.rows:
        # Within rows that share one key, entering there again would begin the same pages.
        ahead = stepped.last == position.since or (more and not short and not thrifty)
        return GoOn(stepped if ahead else _entering(stepped))
    return _nothing_new(position, stepped, received, short=short, more=more)


def _hides_rows(position: Position, end: int, verdict: Continues, *, reenters: bool) -> bool:
    """Whether a last page that ends at its total may have been cut off there.

    A row that came in between, and pushed another off, is on the page as a new one, or it came before the page and
    moved it.
    """
    if not isinstance(position, PageNumber):
        return False
    # Of rows that share the key it entered at, the walk reads all pages: it would read the same ones again.
    moved = position.since != position.last if reenters else position.done != end
    return bool(verdict.rows) or moved


def _nothing_new(position: Position, stepped: Position, received: int, *, short: bool, more: bool) -> Step:
    """What follows a page of rows that were all yielded before, where the walk can enter again."""
    if not position.entered_at_last:
        again = _entering(position)
        if short and not more:
            return GoOn(again)
        return AskAgain(again) if position.since == position.last else Stale(again)
    if not short:
        return GoOn(stepped)
    # All rows from the last key on are known.
    if not more:
        return Ended()
    return AskAgain(stepped if received > 1 else position)


def _overlapping(
    position: Position,
    stepped: Position,
    received: int,
    verdict: Continues,
    *,
    last: bool,
    unclear: bool,
) -> Step:
    """What follows where the only way on is a page that overlaps. `last`: whether this one may be the last."""
    if unclear and received > 1 and isinstance(position, PageNumber):
        # Numbered pages begin elsewhere where the server gives smaller ones, and only another page tells if it does.
        stepped = position.clamped(received).after(
            received, last=stepped.last, seen=stepped.seen, done=stepped.done
        )
    if verdict.rows:
        return GoOn(stepped)
    return Ended() if last else AskAgain(stepped)


def _entering(position: Position) -> Position:
    assert position.last is not None
    return position.entering(position.last)
