"""Whether a server speaks the dialect that a request was sent in, and in which it speaks if not."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Sequence
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

import attrs

from .._decoding.page import ColumnHeader
from ..endpoint import Endpoint
from ..errors import DialectError, TeamUpDialectWarning, TeamUpError
from ..query import Query
from .asking import Asker, form_of, needed
from .headers import lacking, told_by_headers
from .learned import Learned, Told
from .pages import Requester
from .plan import Plan
from .warning import warn

__all__ = ["Found", "Understanding"]

Row = TypeVar("Row")
_BOTH: Final = Told(read=True, several=True)
_OTHERWISE: Final = "lists of values are not understood as they were sent"
_TURNS: Final[WeakValueDictionary[int, Lock]] = WeakValueDictionary()
"""The locks that are held or waited for, by the `id` of what a client has learned."""


@attrs.frozen
class Found:
    """The server speaks another dialect: `field` of `Dialect` is `value`, which `reason` shows."""

    field: str
    value: str
    reason: str


@attrs.frozen
class Understanding:
    """Finds out how the server understands one query, and lets its client know."""

    query: Query[Any]
    requester: Requester
    learned: Learned

    async def misunderstood(self, plan: Plan[Any], headers: Sequence[ColumnHeader]) -> Found | None:
        """What the first answer shows of another dialect; None where all is well.

        Raises `DialectError` where no dialect would be right.
        """
        endpoint, learned = plan.endpoint, self.learned
        if plan.chooses_columns and plan.dialect.default_columns == "all" and lacking(endpoint, headers):
            return Found("default_columns", "few", "not all columns come by themselves")
        if learned.sure:
            return None
        await self._check_id_gt(plan)
        told = told_by_headers(endpoint, self.query, plan.hidden, headers)
        if self._missing(endpoint, told) == Told():
            self._trust(endpoint, told)
            return None
        async with self._turn():
            return self._found_meanwhile(plan) or await self._asked(plan, told)

    async def explained(self, plan: Plan[Any], error: TeamUpError) -> Found:
        """The dialect that explains why the first request failed; raises `error` where there is none."""
        field = form_of(plan.endpoint)
        if self.learned.sure:
            raise error
        async with self._turn():
            found = self._found_meanwhile(plan)
            if found is not None:
                return found
            known = self.learned.understood.get(field) == _BOTH
            form = None if known else await self._form(plan, _BOTH)
        if form is None or form == getattr(plan.dialect, field):
            raise error
        found = Found(field, form, _OTHERWISE)
        self.note(plan, found)
        return found

    def note(self, plan: Plan[Any], found: Found) -> None:
        """Let what follows know the dialect; say it once."""
        endpoint, learned = plan.endpoint, self.learned
        field, value = found.field, found.value
        if field == form_of(endpoint):
            learned.note_form(field, value)
            learned.understood[field] = _BOTH
        else:
            learned.note(endpoint, field, value)
        if learned.is_new(field, value):
            warn(
                f"{endpoint.name}: {found.reason}. The client goes on as with a server of {field}={value}; to know it"
                f" from the beginning, give it Dialect({field}={value!r})",
                TeamUpDialectWarning,
            )

    def _turn(self) -> Lock:
        """A lock that the walks of one client share: what one of them asks the others need not ask."""
        return _TURNS.setdefault(id(self.learned), Lock())

    def _found_meanwhile(self, plan: Plan[Any]) -> Found | None:
        """What another walk has found out since this one was planned."""
        field = form_of(plan.endpoint)
        form = getattr(self.learned.dialect_of(plan.endpoint), field)
        return None if form == getattr(plan.dialect, field) else Found(field, form, _OTHERWISE)

    def _missing(self, endpoint: Endpoint[..., Any], told: Told) -> Told:
        """What is not known that must be, where the headers of an answer have `told` this."""
        if told.doubtful:  # whatever was known: the server may be another one by now
            return Told() if endpoint.full_name in self.learned.doubted else _BOTH
        known = self.learned.understood.get(form_of(endpoint), Told())
        return needed(endpoint, self.query).lacks(known | told)

    def _trust(self, endpoint: Endpoint[..., Any], told: Told) -> None:
        """Let what follows know that lists of values are understood as they are sent."""
        if not told.doubtful:
            understood, field = self.learned.understood, form_of(endpoint)
            understood[field] = understood.get(field, Told()) | told

    async def _asked(self, plan: Plan[Any], told: Told) -> Found | None:
        """What the server's answers show where headers did not tell enough."""
        endpoint, learned, field = plan.endpoint, self.learned, form_of(plan.endpoint)
        missing = self._missing(endpoint, told)
        if missing == Told():  # another walk has asked
            return None
        form = await self._form(plan, missing)
        if form is None and not told.doubtful:
            reason = "no form of lists of values is understood"
            raise DialectError(f"{endpoint.name}: {reason}", field, "ties", "total")
        if form not in (None, getattr(plan.dialect, field)):
            found = Found(field, str(form), _OTHERWISE)
            self.note(plan, found)
            return found
        if told.doubtful:
            learned.doubted.add(endpoint.full_name)
        if form is not None:
            self._trust(endpoint, missing | attrs.evolve(told, doubtful=False))
        return None

    async def _form(self, plan: Plan[Any], need: Told) -> str | None:
        return await Asker(plan, self.query, self.requester).form(need)

    async def _check_id_gt(self, plan: Plan[Any]) -> None:
        """Raise `DialectError` where ``id_gt`` is ignored in a report whose rows can't show it."""
        endpoint, known = plan.endpoint, self.learned.id_gt
        given = getattr(self.query, "id_gt", None)
        if given is None or endpoint.has_id or endpoint.full_name in known:
            return
        if await Asker(plan, self.query, self.requester).ignores_id_gt():
            raise DialectError(f"{endpoint.name}: id_gt is ignored", "grouped_id_gt")
        known.add(endpoint.full_name)
