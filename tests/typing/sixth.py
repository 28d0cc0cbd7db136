"""What type checkers know of an endpoint that somebody declares for themselves. Nobody runs this."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, assert_type

import attrs

from teamup_async import Endpoint, Page, Query, RowStream, TeamUp, limits
from teamup_async.lists.course_sessions import CourseSession
from teamup_async.lists.objects.instructors import Instructor
from teamup_async.lists.objects.venues import Venue
from teamup_async.objects import Money, Named
from teamup_async.reports.instructed_sessions import InstructedSession, PayRate


@attrs.frozen(slots=False)
class GiftCard:
    """A gift card that was sold."""

    id: int | None = None
    purchaser: Named = Named()
    value: Money | None = None
    status: Literal["scheduled", "redeemed"] | str | None = None


@attrs.frozen(kw_only=True)
class GiftCardsQuery(Query[GiftCard]):
    """Parameters of the report."""

    columns: Sequence[Literal["id", "purchaser", "value", "status"]]
    status: Sequence[Literal["scheduled", "redeemed"]] | None = None
    purchased_at_gte: datetime | None = attrs.field(default=None, metadata=limits("Only later ones."))


GIFT_CARDS = Endpoint(
    name="gift_cards",
    title="Gift Cards Report - Data",
    path="/reports/gift_cards/data",
    query=GiftCardsQuery,
    row=GiftCard,
)


async def walked(teamup: TeamUp, since: datetime) -> None:
    """Arguments are those of its query class, rows those of its row class, without a line in the client."""
    stream = teamup.stream(GIFT_CARDS, columns=["id", "value"], status=["redeemed"], purchased_at_gte=since)
    assert_type(stream, RowStream[GiftCard])
    async for row in stream:
        assert_type(row.purchaser.name, str | None)
        assert_type(row.value, Money | None)
    async for page in stream.pages():
        assert_type(page, Page[GiftCard])
        assert_type(page.columns, tuple[str, ...])
        assert_type(page.total, int | None)
        assert_type(page.next, dict[str, Any] | None)
    assert_type(await stream.collect(), list[GiftCard])
    assert_type(await stream.first(), GiftCard | None)

    teamup.stream(GIFT_CARDS)  # type: ignore[call-overload]
    teamup.stream(GIFT_CARDS, columns=["ids"])  # type: ignore[call-overload]
    teamup.stream(GIFT_CARDS, columns=["id"], state=["redeemed"])  # type: ignore[call-overload]
    teamup.stream(GIFT_CARDS, columns=["id"], status="redeemed")  # type: ignore[call-overload]
    teamup.stream(GIFT_CARDS, ["id"])  # type: ignore[call-overload]
    teamup.stream(GIFT_CARDS, columns=["id"], purchased_at_gte="2025")  # type: ignore[call-overload]
    teamup.reports.vouchers(columns=["id"])  # type: ignore[attr-defined]


def mismatched() -> None:
    """The query class and the row class of an endpoint belong together."""
    Endpoint(name="", title="", path="", query=GiftCardsQuery, row=GiftCard, pages=3)  # type: ignore[call-arg]
    Endpoint[..., int](name="", title="", path="", query=GiftCardsQuery, row=int)  # type: ignore[arg-type]


def attributes(session: CourseSession, taught: InstructedSession) -> None:
    """The attributes of rows have their types: what can be expanded is an id or URL, or the object."""
    assert_type(session.starts_at, datetime | None)
    assert_type(session.venue, int | Venue | None)
    assert_type(session.instructors, str | list[Instructor] | None)
    if isinstance(session.venue, Venue):
        assert_type(session.venue.timezone, str | None)
    assert_type(taught.instructor_pay_rate, PayRate | None)
    if taught.instructor_pay is not None:
        assert_type(taught.instructor_pay.decimal, Decimal | None)
    session.venue.name  # type: ignore[union-attr]
    taught.instructor_pay.decimal  # type: ignore[union-attr]
    session.starts_at = None  # type: ignore[misc]
