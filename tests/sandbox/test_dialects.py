"""The sandbox answers in the dialect that was chosen; each field changes what goes over the wire."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teamup_async.dialect import UNKNOWNS, Dialect
from teamup_async.sandbox import Sandbox
from teamup_async.sandbox.server import PROVIDER_IDS

ATTENDANCES = "/reports/attendances/data"
GROUPED = "/reports/attendances.grouped/data"
CUSTOMERS = "/customers"
JSON = ("format", "json")
Pairs = list[tuple[str, str]]


class Talk:
    """A sandbox and a session; asks in any dialect, and gives status, headers and text."""

    def __init__(self, sandbox: Sandbox, session: Any) -> None:
        self.sandbox = sandbox
        self._session = session

    async def __call__(
        self, dialect: str, path: str, pairs: Pairs, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        self.sandbox.dialect = Dialect.parse(dialect)
        sent = {"Authorization": f"Token {self.sandbox.token}", **headers}
        url = f"{self.sandbox.url}{path}"
        async with self._session.get(url, params=pairs, headers=sent) as answer:
            return answer.status, dict(answer.headers), await answer.text()

    async def report(self, dialect: str, *pairs: tuple[str, str], path: str = ATTENDANCES) -> Any:
        status, _, text = await self(dialect, path, [JSON, *pairs])
        assert status == 200, text
        return json.loads(text)

    async def refusal(self, dialect: str, *pairs: tuple[str, str], path: str = ATTENDANCES) -> int:
        status, _, _ = await self(dialect, path, [JSON, *pairs])
        return status


@pytest.fixture
async def talk(session: Any) -> AsyncIterator[Talk]:
    async with Sandbox(rows=240, rate=None) as sandbox:
        yield Talk(sandbox, session)


def ids(page: Any) -> list[int]:
    return [row["id"] for row in page["rows"]]


async def test_schemes(talk: Talk) -> None:
    """`auth_scheme`: another word than the server's is as no token at all."""
    for word in ("Bearer", "JWT"):
        token = talk.sandbox.token
        assert (await talk(f"auth_scheme={word}", ATTENDANCES, []))[0] == 401
        right = await talk(f"auth_scheme={word}", ATTENDANCES, [], Authorization=f"{word} {token}")
        assert right[0] == 200


async def test_headers(talk: Talk) -> None:
    """`provider_header`, `mode_header`, `report_headers`: required, ignored by reports, or refused by them."""
    provider, other = ({"TeamUp-Provider-ID": str(number)} for number in PROVIDER_IDS)

    async def status(dialect: str, path: str, headers: dict[str, str]) -> int:
        return (await talk(dialect, path, [], **headers))[0]

    assert await status("provider_header=required", ATTENDANCES, {}) == 400
    assert await status("provider_header=required", ATTENDANCES, provider) == 200
    assert await status("mode_header=required", ATTENDANCES, {}) == 403
    assert await status("mode_header=required", ATTENDANCES, {"TeamUp-Request-Mode": "provider"}) == 200
    assert await status("report_headers=ignored", ATTENDANCES, other) == 200
    assert await status("report_headers=ignored", CUSTOMERS, other) == 403
    assert await status("report_headers=refused", ATTENDANCES, provider) == 400
    assert await status("report_headers=refused", CUSTOMERS, provider) == 200


async def test_a_bad_token(talk: Talk) -> None:
    """`bad_token`: 401, or 403."""
    for said, status in (("unauthorized", 401), ("forbidden", 403)):
        answered = await talk(f"bad_token={said}", ATTENDANCES, [], Authorization="Token lost")
        assert answered[0] == status


async def test_refresh_tokens(talk: Talk, session: Any) -> None:
    """`refresh_tokens`: a refresh that keeps the token can be repeated with it, and brings no other."""
    talk.sandbox.dialect = Dialect(refresh_tokens="kept")
    body = {"refresh_token": talk.sandbox.refresh_token, "new_access_token_type": "provider"}
    for _ in range(2):
        async with session.post(f"{talk.sandbox.url}/auth/refresh_access_token", json=body) as answer:
            assert "refresh_token" not in await answer.json()
            assert answer.status == 200


async def test_quota_of_a_business(session: Any) -> None:
    """`quota_of`: two tokens of one business share its quota, or have one each."""
    for whom, statuses in (("token", [200, 200]), ("business", [200, 429])):
        async with Sandbox(rows=20, rate=1, dialect=Dialect.parse(f"quota_of={whom}")) as sandbox:
            found: list[int] = []
            for token in (sandbox.token, sandbox.new_token()):
                headers = {"Authorization": f"Token {token}"}
                async with session.get(f"{sandbox.url}{ATTENDANCES}", headers=headers) as answer:
                    found.append(answer.status)
            assert found == statuses


async def test_arrays_misunderstood(talk: Talk) -> None:
    """`arrays`, `list_arrays`: of repeated names, a server of commas takes the last value, one of brackets nothing."""
    asked: Pairs = [("status", "attended"), ("status", "no_show")]
    both, last, all_ = [
        (await talk.report(f"arrays={form}", *asked))["total"] for form in ("repeat", "comma", "brackets")
    ]
    one = (await talk.report("default", ("status", "no_show")))["total"]

    assert 0 < one == last < both < all_ == 240
    assert (await talk.report("arrays=comma", ("status", "attended,no_show")))["total"] == both
    assert (await talk.report("arrays=brackets", *((f"{n}[]", v) for n, v in asked)))["total"] == both
    listed = "/attendances"
    assert (await talk.report("list_arrays=comma", *asked, path=listed))["count"] < (
        await talk.report("arrays=comma", *asked, path=listed)
    )["count"]


async def test_unknown_parameters(talk: Talk) -> None:
    """`unknown_parameters`: refused with 400, or not looked at."""
    assert await talk.refusal("default", ("colour", "red")) == 400
    assert (await talk.report("unknown_parameters=ignored", ("colour", "red")))["total"] == 240


async def test_column_names(talk: Talk) -> None:
    """`column_names`: a server of flat names refuses dotted ones that have a flat name."""
    assert await talk.refusal("column_names=flat", ("columns", "customer.id")) == 400
    assert await talk.refusal("column_names=flat", ("columns", "customer_id")) == 200
    assert await talk.refusal("default", ("columns", "customer.id")) == 200


async def test_default_columns(talk: Talk) -> None:
    """`default_columns`: a choice without ``id``, unless columns are asked for."""
    few = await talk.report("default_columns=few")

    assert 0 < len(few["column_headers"]) < len((await talk.report("default"))["column_headers"])
    assert "id" not in few["rows"][0]
    assert list((await talk.report("default_columns=few", ("columns", "id")))["rows"][0]) == ["id"]


async def test_format(talk: Talk) -> None:
    """`format_json`: where it is ignored, CSV comes; `csv_header` says with which first line."""
    for more, first in (("", "id,"), (" csv_header=labels", "ID,")):
        status, headers, text = await talk(f"format_json=ignored{more}", ATTENDANCES, [JSON])
        assert status == 200
        assert headers["Content-Type"].startswith("text/csv")
        assert text.startswith(first)


async def test_sorting_by_id(talk: Talk) -> None:
    """`sort_by_id`: ignored, the newest come first and the header does not call it sortable; refused with 400."""
    page = await talk.report("sort_by_id=ignored", ("sort", "id"))

    assert ids(page) == sorted(ids(page), reverse=True)
    assert not any(header["sortable"] for header in page["column_headers"] if header["key"] == "id")
    assert await talk.refusal("sort_by_id=refused", ("sort", "id")) == 400
    assert await talk.refusal("sort_by_id=refused", ("sort", "-status"), ("sort", "id")) == 400


async def test_sort_priority(talk: Talk) -> None:
    """`sort_priority`: the last column named counts most, and the headers say so."""
    page = await talk.report("sort_priority=last", ("sort", "status"), ("sort", "id"))
    said = {h["key"]: h["sorted"]["priority"] for h in page["column_headers"] if "sorted" in h}

    assert said == {"id": 0, "status": 1}
    assert ids(page) == sorted(ids(page))


async def test_ties(talk: Talk) -> None:
    """`ties`: rows that are not sorted come in another order in each answer."""
    first, second = [ids(await talk.report("ties=changing")) for _ in range(2)]

    assert first != second
    assert ids(await talk.report("default")) == ids(await talk.report("default"))


async def test_id_gt(talk: Talk) -> None:
    """`id_gt`, `grouped_id_gt`: inclusive, ignored, refused."""
    every = ids(await talk.report("default", ("limit", "100")))
    key = ("id_gt", str(every[4]))
    groups: Pairs = [("columns", "status"), ("columns", "count"), ("id_gt", str(10**12))]

    assert ids(await talk.report("default", key))[0] == every[5]
    assert ids(await talk.report("id_gt=inclusive", key))[0] == every[4]
    assert ids(await talk.report("id_gt=ignored", key))[0] == every[0]
    assert (await talk.report("default", *groups, path=GROUPED))["rows"] == []
    assert (await talk.report("grouped_id_gt=ignored", *groups, path=GROUPED))["rows"]
    assert await talk.refusal("grouped_id_gt=refused", *groups, path=GROUPED) == 400


async def test_paging(talk: Talk) -> None:
    """`paging`: the other pair is not looked at, so the first page comes again."""
    first = ids(await talk.report("default", ("limit", "50")))

    assert ids(await talk.report("paging=page", ("limit", "9"), ("offset", "100"))) == first
    assert ids(await talk.report("paging=limit_offset", ("page", "2"), ("page_size", "9"))) == first


@pytest.mark.parametrize("path", [ATTENDANCES, CUSTOMERS])
async def test_pages_past_the_end(talk: Talk, path: str) -> None:
    """`page_past_end`, `list_page_past_end`: no rows, 404, or the last page again."""
    name, rows = ("page_past_end", "rows") if path == ATTENDANCES else ("list_page_past_end", "results")
    far: Pairs = [("page", "9"), ("page_size", "100")]
    total = "total" if path == ATTENDANCES else "count"
    count = (await talk.report("default", path=path))[total]
    last = await talk.report("default", ("page", str(-(-count // 100))), ("page_size", "100"), path=path)

    assert (await talk.report(f"{name}=empty", *far, path=path))[rows] == []
    assert await talk.refusal(f"{name}=not_found", *far, path=path) == 404
    assert (await talk.report(f"{name}=last_page", *far, path=path))[rows] == last[rows]


async def test_largest_page(talk: Talk) -> None:
    """`largest_page`: 50 rows where 100 are asked for, or 400."""
    assert len(ids(await talk.report("largest_page=clamped", ("limit", "100")))) == 50
    assert await talk.refusal("largest_page=refused", ("limit", "51")) == 400
    assert await talk.refusal("largest_page=refused", ("page_size", "51"), path=CUSTOMERS) == 400
    assert len(ids(await talk.report("largest_page=refused", ("limit", "50")))) == 50


async def test_totals(talk: Talk) -> None:
    """`total`: missing, rounded to hundreds, or of the report without filters."""
    asked = ("status", "attended")
    exact = (await talk.report("default", asked))["total"]

    assert "total" not in await talk.report("total=absent", asked)
    assert "count" not in await talk.report("total=absent", path=CUSTOMERS)
    assert (await talk.report("total=approximate", asked))["total"] == round(exact, -2) != exact
    assert (await talk.report("total=whole", asked))["total"] == 240


async def test_names_in_rows_and_headers(talk: Talk) -> None:
    """`row_names`, `header_names`: nested, dotted, flat."""
    asked: Pairs = [("columns", "id"), ("columns", "customer.name"), ("limit", "1")]
    nested, dotted, flat = [
        (await talk.report(f"row_names={form}", *asked))["rows"][0] for form in ("nested", "dotted", "flat")
    ]
    headers = (await talk.report("header_names=flat", *asked))["column_headers"]

    assert dotted == {"id": nested["id"], "customer.name": nested["customer"]["name"]}
    assert flat == {"id": nested["id"], "customer_name": nested["customer"]["name"]}
    assert [header["key"] for header in headers] == ["id", "customer_name"]


async def test_pivot_keys(talk: Talk) -> None:
    """`pivot_keys`: under a dotted name, or in an object, with the same key in the headers."""
    asked: Pairs = [("columns", "status"), ("pivot", "year"), ("limit", "1")]
    plain, dotted, nested = [
        await talk.report(f"pivot_keys={form}", *asked, path=GROUPED)
        for form in ("plain", "dotted", "nested")
    ]
    counts = {name: value for name, value in plain["rows"][0].items() if name != "status"}

    assert counts
    assert {f"count.{name}": value for name, value in counts.items()}.items() <= dotted["rows"][0].items()
    assert nested["rows"][0]["counts"] == counts
    for page, before in ((dotted, "count."), (nested, "counts.")):
        keys = [header["key"] for header in page["column_headers"]]
        assert keys == ["status", *(f"{before}{name}" for name in counts)]


async def test_values(talk: Talk) -> None:
    """`datetimes`, `money_keys`, `missing_values`: how moments, amounts and nothing are written."""
    path, asked = "/reports/invoices/data", [("columns", name) for name in ("id", "paid_at", "total_amount")]

    async def row(dialect: str) -> Any:
        return (await talk.report(dialect, *asked, path=path))["rows"][0]

    plain = await row("default")
    moment, amount = plain["paid_at"], plain["total_amount"]["decimal"]
    text = moment.removesuffix("Z")

    assert (await row("datetimes=offset"))["paid_at"][-6:] == "+00:00"
    assert (await row("datetimes=naive"))["paid_at"].startswith(text)
    assert (await row("datetimes=naive"))["paid_at"][-1] != "Z"
    assert (await row("money_keys=plain"))["total_amount"] == f"{amount:.2f}"
    assert (await row("money_keys=amount"))["total_amount"] == {"amount": f"{amount:.2f}", "currency": "gbp"}
    assert None in (await talk.report("default", ("limit", "5"), path=path))["rows"][0].values()
    whole = (await talk.report("missing_values=absent", ("limit", "5"), path=path))["rows"]
    assert not any(None in one.values() for one in whole)


async def test_job_ids(talk: Talk, session: Any) -> None:
    """`job_id`: a number, or text."""
    for form, kind in (("integer", int), ("text", str)):
        talk.sandbox.dialect = Dialect.parse(f"job_id={form}")
        headers = {"Authorization": f"Token {talk.sandbox.token}"}
        url = f"{talk.sandbox.url}/reports/attendances/export"
        async with session.post(url, json={}, headers=headers) as answer:
            assert type((await answer.json())["job"]) is kind


async def test_gzip(talk: Talk) -> None:
    """`gzip`: for clients that accept it, or not at all."""
    compressed = await talk("default", ATTENDANCES, [JSON])
    assert compressed[1].get("Content-Encoding") == "gzip"
    assert "Content-Encoding" not in (await talk("gzip=never", ATTENDANCES, [JSON]))[1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("detail", '{"status":["\\"lost\\" is not a valid choice."]}'),
        ("messages", '["status: \\"lost\\" is not a valid choice."]'),
        ("html", "<!doctype html>"),
        ("empty", ""),
    ],
)
async def test_errors(talk: Talk, body: str, expected: str) -> None:
    """`error_body`: the forms of Django REST framework, a web page, nothing."""
    status, _, text = await talk(f"error_body={body}", ATTENDANCES, [JSON, ("status", "lost")])

    assert status == 400
    assert text.startswith(expected)
    assert bool(text) == bool(expected)


async def test_retry_after(session: Any) -> None:
    """`retry_after`: the header of a 429, or none."""
    for form in ("none", "seconds", "date"):
        async with Sandbox(rows=20, rate=1, dialect=f"retry_after={form}") as sandbox:
            headers = {"Authorization": f"Token {sandbox.token}"}
            for _ in range(2):
                async with session.get(f"{sandbox.url}{ATTENDANCES}", headers=headers) as answer:
                    said = answer.headers.get("Retry-After")
            assert (said is None) == (form == "none")
            assert form != "seconds" or said.isdecimal()


async def test_arguments_are_short_for_fields() -> None:
    """`array_encoding`, `gzip` and `retry_after` of a sandbox set fields of its dialect."""
    sandbox = Sandbox(array_encoding="comma", gzip=False, retry_after="date", dialect="total=absent")

    assert sandbox.dialect == Dialect.parse(
        "arrays=comma list_arrays=comma gzip=never retry_after=date total=absent"
    )


def test_every_field_is_tested_here() -> None:
    """No field of `Dialect` is left out of this module."""
    text = Path(__file__).read_text(encoding="utf-8")
    assert [unknown.name for unknown in UNKNOWNS if unknown.name not in text] == []
