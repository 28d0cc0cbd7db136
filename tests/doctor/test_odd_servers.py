"""The doctor and servers that fail, refuse, or answer what nobody expects."""

import random
from typing import Any

import msgspec
import pytest

from teamup_async import (
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    NotFoundError,
    PermissionDeniedError,
    ResponseDecodeError,
    ServerError,
    StatusError,
    TeamUp,
)
from teamup_async.dialect import Dialect
from teamup_async.doctor.desk import MOST
from teamup_async.errors import RequestError
from teamup_async.sandbox import Sandbox, faults
from tests.doctor.dialects import examined, wrong
from tests.hostile.serving import Hurried, client, response, serving


@pytest.mark.parametrize(
    "fault", [faults.status(500), faults.status(503), faults.reset(), faults.throttled("1")]
)
async def test_a_failure_in_between(fault: faults.Fault) -> None:
    """A request that fails is sent again, twice at most, and counts; what is found is the same."""
    async with Sandbox(rows=300, rate=None) as sandbox:
        for nth in (2, 9, 20):
            sandbox.faults.add(fault, nth=nth)
        diagnosis = await examined(sandbox, clock=Hurried())

    assert {text.partition("=")[0] for text in wrong(diagnosis, Dialect())} <= {
        "retry_after"
    }  # as it was sent
    assert diagnosis.finding("sort_by_id").value == "honoured"
    assert diagnosis.requests <= MOST


async def test_requests_are_spent() -> None:
    """Where failures use up the requests, the rest is undecided, and says so."""
    async with Sandbox(rows=300, rate=None) as sandbox:
        sandbox.faults.add(faults.status(502), path="reports.attendances", times=None)
        sandbox.faults.add(faults.status(502), path="/reports/attendances/data", times=None)
        diagnosis = await examined(sandbox, clock=Hurried())

    assert wrong(diagnosis, Dialect()) == []
    assert diagnosis.finding("arrays").state == "undecided"
    assert diagnosis.requests <= MOST


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (faults.status(500), ServerError),
        (faults.status(404), NotFoundError),
        (faults.status(401), AuthenticationError),
        (faults.status(403), PermissionDeniedError),
        (faults.reset(), ConnectionFailedError),
        (faults.html(), ResponseDecodeError),
        (faults.redirect("https://elsewhere.example"), StatusError),
        (faults.wrong_shape(), ResponseDecodeError),
    ],
)
async def test_nothing_works(fault: faults.Fault, error: type[RequestError]) -> None:
    """Where no request is answered as an API would, the first error is raised, after a few requests."""
    async with Sandbox(rows=10, rate=None) as sandbox:
        sandbox.faults.add(fault, times=None)
        with pytest.raises(error) as caught:
            await examined(sandbox, clock=Hurried())
        assert sandbox.requests <= 9
    assert sandbox.token not in str(caught.value)


async def test_a_wrong_token() -> None:
    """A token that no word makes good is told as such, after each word was tried."""
    async with Sandbox(rows=10, rate=None) as sandbox:
        with pytest.raises(AuthenticationError, match="Token, Bearer and JWT were all refused"):
            await examined(sandbox, token="never-seen")
        words = {received.headers["Authorization"].split()[0] for received in sandbox.log}
    assert words == {"Token", "Bearer", "JWT"}


async def test_a_provider_is_missing() -> None:
    """A token that reaches several businesses needs a provider: that is said at once, as TeamUp says it."""
    async with Sandbox(rows=10, rate=None) as sandbox:
        with pytest.raises(BadRequestError, match="access to multiple providers"):
            await examined(sandbox, token=sandbox.shared_token, provider_id=None)
        assert sandbox.requests <= 2


async def test_lists_alone_want_a_provider() -> None:
    """Where reports go without the provider that lists want, reports are looked at."""
    dialect = Dialect(provider_header="required", report_headers="ignored", arrays="comma")
    async with Sandbox(rows=300, rate=None, dialect=dialect) as sandbox:
        diagnosis = await examined(sandbox, provider_id=None)

    assert wrong(diagnosis, dialect) == []
    assert diagnosis.finding("arrays").value == "comma"
    assert diagnosis.finding("list_arrays").reason == "the list answers 400"
    assert "give a provider id" in diagnosis.finding("provider_header").reason


async def test_no_right_to_some_reports() -> None:
    """A report that the token may not read leaves its fields open, and no others."""
    async with Sandbox(rows=300, rate=None) as sandbox:
        sandbox.faults.add(faults.status(403), path="reports.invoices", times=None)
        sandbox.faults.add(faults.status(403), path="/reports/invoices/data", times=None)
        diagnosis = await examined(sandbox)

    assert diagnosis.finding("money_keys").reason == "the report answers 403"
    assert diagnosis.finding("sort_by_id").value == "honoured"


async def test_rows_that_come_and_go() -> None:
    """Rows that are added between the requests lead to no wrong finding."""
    async with Sandbox(rows=200, rate=None) as sandbox:
        sandbox.before_request = lambda received: sandbox.insert("attendances", 1)
        diagnosis = await examined(sandbox)

    assert {text.partition("=")[0] for text in wrong(diagnosis, Dialect())} <= {"total"}


def _junk(chance: random.Random, depth: int = 0) -> Any:
    kinds = [None, True, 0, -1, 3.5, "", "x", "2025-01-01T00:00:00Z", [], {}]
    if depth > 3 or chance.random() < 0.4:
        return chance.choice(kinds)
    if chance.random() < 0.5:
        return [_junk(chance, depth + 1) for _ in range(chance.randrange(4))]
    keys = [
        "rows",
        "results",
        "total",
        "count",
        "column_headers",
        "id",
        "customer",
        "key",
        "label",
        "detail",
        "status",
    ]
    return {chance.choice(keys): _junk(chance, depth + 1) for _ in range(chance.randrange(6))}


@pytest.mark.parametrize("seed", range(15))
async def test_junk(seed: int) -> None:
    """A server may answer any JSON at all: a diagnosis comes of it, or an error of this package."""
    chance = random.Random(seed)

    def answer(_: object) -> bytes:
        body: Any = _junk(chance)
        if chance.random() < 0.7:
            rows = [_junk(chance, 3) for _ in range(3)]
            body = {
                chance.choice(["rows", "results"]): chance.choice(
                    [rows, [{"id": chance.choice([1, "1", None])}] * 3]
                ),
                "total": _junk(chance, 4),
                "column_headers": _junk(chance, 2),
            }
        status = chance.choice(["200 OK"] * 6 + ["400 Bad Request", "404 Not Found", "403 Forbidden"])
        return response(msgspec.json.encode(body), status=status)

    async with serving(answer) as server, client(server.url) as teamup:
        try:
            diagnosis = await teamup.diagnose()
        except RequestError:
            return
    assert all(one.reason for one in diagnosis.findings)


@pytest.mark.parametrize("form", ["none", "seconds", "date"])
async def test_what_a_429_says(form: str) -> None:
    """With ``quota=True`` the quota is spent, and what the 429 says is found."""
    async with (
        Sandbox(rows=100, rate=70, dialect=Dialect.from_settings({"retry_after": form})) as sandbox,
        TeamUp(base_url=sandbox.url, token=sandbox.token, rate=70, clock=Hurried()) as teamup,
    ):
        diagnosis = await teamup.diagnose(quota=True)

    assert diagnosis.finding("retry_after").value == form
    assert sandbox.log[-1].status == 429
    assert [received.status for received in sandbox.log].count(429) == 1
