"""An endpoint declared anywhere is served at once, with rows made from its row class."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

import attrs
import pytest

from teamup_async.endpoint import Endpoint
from teamup_async.envelope import LIST
from teamup_async.query import Query, limits
from teamup_async.sandbox import Sandbox


@attrs.frozen
class Buyer:
    id: int | None = None
    name: str | None = None
    email: str | None = None


@attrs.frozen
class GiftCard:
    id: int | None = None
    buyer: Buyer = Buyer()
    friend: Buyer | None = None
    status: Literal["scheduled", "delivered"] | str | None = None
    amount: Decimal | None = None
    bought_at: datetime | None = None
    expires_on: date | None = None
    used: bool | None = None
    tags: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class GiftCardsQuery(Query[GiftCard]):
    columns: (
        Sequence[Literal["id", "buyer_name", "buyer.name", "buyer", "status", "amount", "used"]] | None
    ) = None
    id_gt: int | None = None
    sort: Sequence[str] | None = attrs.field(default=None, metadata=limits(min_length=1))
    status: Sequence[Literal["scheduled", "delivered"]] | None = None


GIFT_CARDS = Endpoint(
    name="gift_cards",
    title="Gift cards",
    path="/reports/gift_cards/data",
    query=GiftCardsQuery,
    row=GiftCard,
    aliases={"buyer_name": "buyer.name"},
)
GIFTS = Endpoint(
    name="gifts", title="Gifts", path="/gifts", query=GiftCardsQuery, row=GiftCard, envelope=LIST
)


@pytest.fixture
async def sandbox() -> Any:
    """Serves those two only."""
    async with Sandbox(rows=250, endpoints=[GIFT_CARDS, GIFTS]) as running:
        yield running


async def test_rows_fit_the_class(call: Any) -> None:
    """Rows have the fields of the class, with values of their types; what may be absent is, now and then."""
    rows = await call.rows("gift_cards", sort="id")

    assert len(rows) == 250
    assert [row["id"] for row in rows] == sorted({row["id"] for row in rows})
    assert all(list(row) == [field.name for field in attrs.fields(GiftCard)] for row in rows)
    assert {row["status"] for row in rows} == {"scheduled", "delivered"}
    assert all(
        datetime.fromisoformat(row["bought_at"]) and date.fromisoformat(row["expires_on"]) for row in rows
    )
    assert 0 < sum(row["friend"] is None for row in rows) < 250


async def test_columns_sort_and_paging(call: Any) -> None:
    """Columns prune, sort sorts, id_gt and both paginations work, the list envelope too."""
    everything = await call.rows("gift_cards", columns=["buyer_name", "id"], sort="-buyer.name")
    page = await call.report("gift_cards", columns="id", id_gt=everything[0]["id"], page=2, page_size=10)
    listed = await call("/gifts", page_size=100, page=3)

    assert all(set(row) == {"id", "buyer"} and list(row["buyer"]) == ["name"] for row in everything)
    names = [row["buyer"]["name"] for row in everything]
    assert names == sorted(names, reverse=True)
    assert page["total"] == sum(row["id"] > everything[0]["id"] for row in everything)
    assert len(page["rows"]) == 10 or page["total"] < 20
    assert (listed.body["count"], len(listed.body["results"]), listed.body["next"]) == (250, 50, None)


async def test_checks(call: Any) -> None:
    """Parameters are checked from the declaration; unknown ones and columns are refused."""
    for params in ({"status": "lost"}, {"columns": "colour"}, {"sort": "colour"}, {"colour": "red"}):
        answered = await call("/reports/gift_cards/data", **params)
        assert (answered.status, set(answered.body["field_errors"])) == (400, set(params))
    assert (await call("/reports/attendances/data")).status == 404


async def test_drift(call: Any, sandbox: Sandbox) -> None:
    """Such rows can be inserted, deleted and updated too."""
    before = sandbox.ids("gift_cards")
    new = sandbox.insert("gift-cards", 2, status="delivered")
    gone = sandbox.delete("gift_cards", n=3)
    changed = sandbox.update("gift_cards", n=1, amount=5, bought_at=sandbox.now)

    rows = {row["id"]: row for row in await call.rows("gift_cards")}

    assert sorted(rows) == [key for key in (*before, *new) if key not in gone]
    assert (rows[changed[0]]["amount"], rows[changed[0]]["bought_at"]) == (5, "2026-01-01T00:00:00+00:00")
