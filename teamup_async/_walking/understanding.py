"""Whether a server speaks the dialect that a request was sent in, and in which it speaks if not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import attrs

from .._decoding.page import ColumnHeader
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
        field = form_of(endpoint)
        told = told_by_headers(endpoint, self.query, plan.hidden, headers)
        if told.doubtful:  # whatever was known: the server may be another one by now
            if endpoint.full_name in learned.doubted:
                return None
            known, need = Told(), _BOTH
        else:
            known, need = learned.understood.get(field, Told()) | told, needed(endpoint, self.query)
        missing = need.lacks(known)
        if missing.read or missing.several:
            form = await self._form(plan, missing)
            if form not in (None, getattr(plan.dialect, field)):
                return Found(field, str(form), "lists of values are not understood as they were sent")
            if told.doubtful:
                learned.doubted.add(endpoint.full_name)
            if form is not None:
                known |= missing
            elif told.doubtful:
                return None
            else:
                reason = "no form of lists of values is understood"
                raise DialectError(f"{endpoint.name}: {reason}", field, "ties", "total")
        learned.understood[field] = known
        return None

    async def explained(self, plan: Plan[Any], error: TeamUpError) -> Found:
        """The dialect that explains why the first request failed; raises `error` where there is none."""
        field = form_of(plan.endpoint)
        if self.learned.sure or field in self.learned.understood:
            raise error
        form = await self._form(plan, _BOTH)
        if form is None or form == getattr(plan.dialect, field):
            raise error
        return Found(field, form, "lists of values are not understood as they were sent")

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
