"""The doctor against servers of all dialects: what it finds is true, and what it can't find it says."""

import json
import random
import re

import pytest

from teamup_async import TeamUp
from teamup_async.dialect import UNKNOWNS, Dialect
from teamup_async.doctor.desk import MOST
from teamup_async.sandbox import Sandbox
from tests.doctor.dialects import MANY, NOT_ASKED, SINGLE, by_chance, examined, packed, wrong


@pytest.mark.parametrize("dialect", list(packed()), ids=str)
async def test_each_deviation_is_found(dialect: Dialect) -> None:
    """Every value of every field is found that a few reading requests can show, and nothing else is."""
    async with Sandbox(rows=500, rate=None, dialect=dialect) as sandbox:
        diagnosis = await examined(sandbox)
        assert sandbox.requests == diagnosis.requests <= MOST

    assert wrong(diagnosis, dialect) == []
    assert {one.field for one in diagnosis.findings if one.value is None} == NOT_ASKED
    assert diagnosis.dialect == dialect
    assert all(one.reason and one.evidence for one in diagnosis.findings if one.value)


@pytest.mark.parametrize(("field", "value"), SINGLE if MANY else SINGLE[:1])
async def test_each_deviation_alone(field: str, value: str) -> None:
    """The same with one deviation at a time."""
    dialect = Dialect.from_settings({field: value})
    async with Sandbox(rows=500, rate=None, dialect=dialect) as sandbox:
        diagnosis = await examined(sandbox)

    assert wrong(diagnosis, dialect) == []
    assert field in NOT_ASKED or diagnosis.dialect == dialect


@pytest.mark.parametrize("dialect", list(by_chance(MANY or 8, seed=7)), ids=str)
async def test_any_dialect(dialect: Dialect) -> None:
    """In any combination, no finding is wrong, and every other field has a reason."""
    async with Sandbox(rows=500, rate=None, dialect=dialect) as sandbox:
        diagnosis = await examined(sandbox)

    assert wrong(diagnosis, dialect) == []
    assert [one.field for one in diagnosis.findings] == [unknown.name for unknown in UNKNOWNS]
    assert all(one.reason for one in diagnosis.findings)
    assert diagnosis.requests <= MOST


async def test_small_studios() -> None:
    """A studio without rows, with one, or with a few, leads to no wrong finding in any dialect."""
    chance = random.Random(3)
    for number, dialect in enumerate(by_chance(MANY or 16, seed=5, share=0.15)):
        rows = (0, 1, 2, 3, 5, 9, 30, 60, 100, 130)[number % 10]
        async with Sandbox(rows=rows, rate=None, dialect=dialect, seed=number) as sandbox:
            known = chance.random() < 0.8 or dialect.provider_header == "required"
            token = sandbox.shared_token if known and chance.random() < 0.3 else sandbox.token
            diagnosis = await examined(
                sandbox, token=token, **({} if known else {"provider_id": None}), mode="provider"
            )
            assert wrong(diagnosis, dialect) == [], (rows, str(dialect))


async def test_an_empty_studio() -> None:
    """What an empty studio leaves open is said field by field; what its answers show is found."""
    async with Sandbox(rows=0, rate=None) as sandbox:
        diagnosis = await examined(sandbox)

    assert diagnosis.finding("largest_page").reason == "there are no rows"
    assert diagnosis.finding("sort_by_id").state == "undecided"
    assert diagnosis.finding("arrays").value == "repeat"
    assert diagnosis.python == "TeamUp(dialect=Dialect())"


@pytest.mark.parametrize(
    "deviation",
    [
        "arrays=comma",
        "arrays=brackets list_arrays=comma",
        "column_names=flat header_names=flat",
        "auth_scheme=Bearer bad_token=forbidden",
        "unknown_parameters=ignored default_columns=few",
        "sort_by_id=ignored",
        "sort_by_id=refused id_gt=inclusive",
        "paging=page largest_page=refused",
        "paging=limit_offset page_past_end=last_page total=whole",
        "row_names=flat datetimes=naive missing_values=absent",
        "report_headers=refused",
    ],
)
async def test_a_client_made_from_what_was_found(deviation: str) -> None:
    """With what the doctor found, a client reads every row of that server."""
    dialect = Dialect.parse(deviation)
    async with Sandbox(rows=300, rate=None, dialect=dialect) as sandbox:
        found = (await examined(sandbox)).dialect
        settings = {
            "token": sandbox.token,
            "provider_id": sandbox.accounts[0].provider_id,
            "mode": "provider",
        }
        async with TeamUp(base_url=sandbox.url, rate=None, dialect=found, **settings) as teamup:
            rows = await teamup.reports.attendances(status=["attended", "no_show"]).collect()
            sessions = await teamup.course_sessions().collect()
            groups = await teamup.reports.attendances_grouped(columns=["status", "count"]).collect()

    assert found == dialect
    assert {row.status for row in rows} == {"attended", "no_show"}
    assert len({row.id for row in rows}) == len(rows) > 200
    assert sessions
    assert len(groups) >= 2


async def test_nothing_of_the_account_in_a_report() -> None:
    """Neither the report nor JSON holds a token, an id, a name or any other value of a row."""
    async with Sandbox(
        rows=300, rate=None, dialect=Dialect(page_past_end="last_page", id_gt="inclusive")
    ) as sandbox:
        async with TeamUp(base_url=sandbox.url, token=sandbox.token, provider_id=714001) as teamup:
            rows = await teamup.reports.attendances().collect()
            diagnosis = await teamup.diagnose()
        token = sandbox.token
    said = diagnosis.report() + json.dumps(diagnosis.to_json()) + repr(diagnosis)

    assert token not in said
    assert "714001" not in said
    numbers = set(
        re.findall(r"\d{3,}", said.replace("10000000", "").replace("5000000", "").replace("200000", ""))
    )
    assert numbers.isdisjoint(
        str(number) for row in rows for number in (row.id, row.customer.id, row.event.id)
    )
    assert not [row.customer.name for row in rows if row.customer.name and row.customer.name in said]
    assert "| `id_gt` | `inclusive` (not the default) |" in said


async def test_what_it_sends() -> None:
    """All requests read, ask for 100 rows at most, and go to a handful of endpoints; one has a made-up token."""
    async with Sandbox(rows=300, rate=None) as sandbox:
        await examined(sandbox)
        sent = list(sandbox.log)

    assert {received.method for received in sent} == {"GET"}
    sizes = {
        int(value)
        for received in sent
        for name, value in received.params
        if name in ("limit", "page_size") and value.isdigit()
    }
    assert max(sizes) <= 100
    assert len({received.path for received in sent}) <= 6
    assert sum("no-such-token" in received.headers["Authorization"] for received in sent) == 1


async def test_progress() -> None:
    """Whoever wants to know is told what is being found out, and how many requests were sent."""
    told: list[tuple[int, str]] = []
    async with (
        Sandbox(rows=100, rate=None) as sandbox,
        TeamUp(base_url=sandbox.url, token=sandbox.token) as teamup,
    ):
        diagnosis = await teamup.diagnose(told=lambda sent, what: told.append((sent, what)))

    assert told[0] == (0, "The word before the token")
    assert [sent for sent, _ in told] == sorted(sent for sent, _ in told)
    assert told[-1][0] <= diagnosis.requests
