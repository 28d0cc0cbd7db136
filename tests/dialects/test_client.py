"""What a client does in dialects that concern no walk: tokens, quotas, jobs, files; and what it says of others."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from teamup_async import (
    AuthenticationError,
    BadRequestError,
    Dialect,
    DialectError,
    PermissionDeniedError,
    ResponseDecodeError,
    TeamUp,
    TeamUpDialectWarning,
)
from teamup_async.sandbox import Sandbox
from tests.dialects.matrix import client
from tests.http.clock import Simulated


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(rows=120, rate=None) as running:
        yield running


async def test_the_word_before_the_token(sandbox: Sandbox) -> None:
    """A token that is not accepted is an error that names `auth_scheme` and the command that finds out."""
    sandbox.dialect = Dialect(auth_scheme="Bearer")
    async with client(sandbox) as teamup:
        with pytest.raises(
            AuthenticationError, match=r"run `teamup doctor`, or give Dialect\(auth_scheme="
        ) as refused:
            await teamup.reports.attendances().first()
    assert refused.value.suspects == ("auth_scheme",)
    async with client(sandbox, auth_scheme="Bearer") as teamup:
        assert await teamup.reports.attendances().first() is not None


async def test_headers_of_reports(sandbox: Sandbox) -> None:
    """Headers that reports refuse are an error that names `report_headers`; a client that knows it leaves them out."""
    sandbox.dialect = Dialect(report_headers="refused")
    provider = sandbox.accounts[0].provider_id
    async with client(sandbox, provider_id=provider) as teamup:
        assert await teamup.lists.customers().first() is not None
        with pytest.raises(BadRequestError) as refused:
            await teamup.reports.attendances().first()
    assert "report_headers" in refused.value.suspects
    async with client(sandbox, provider_id=provider, dialect="report_headers=refused") as teamup:
        assert await teamup.lists.customers().first() is not None
        assert await teamup.reports.attendances().first() is not None


async def test_tokens_that_expire(sandbox: Sandbox) -> None:
    """An expired token is refreshed after a 403 too, where its code says so, or the dialect; also without a new one."""
    sandbox.dialect = Dialect(bad_token="forbidden", refresh_tokens="kept")
    async with client(sandbox, refresh_token=sandbox.refresh_token) as teamup:
        for _ in range(2):
            sandbox.expire_tokens()
            assert await teamup.reports.attendances().count() == 120
    sandbox.dialect = Dialect(bad_token="forbidden", error_body="empty")
    token = sandbox.new_token()
    for dialect in (None, sandbox.dialect):
        sandbox.expire_tokens()
        given: dict[str, Any] = {"token": token, "refresh_token": sandbox.refresh_token, "dialect": dialect}
        async with client(sandbox, **given) as teamup:
            if dialect is None:
                with pytest.raises(PermissionDeniedError, match="bad_token"):
                    await teamup.reports.attendances().first()
            else:
                assert await teamup.reports.attendances().first() is not None


@pytest.mark.parametrize("retry_after", ["none", "seconds", "date"])
async def test_quotas_of_a_business(retry_after: str) -> None:
    """Where another token spends the same quota, a client waits and gets all rows, whatever a 429 says."""
    spoken = Dialect.parse(f"quota_of=business retry_after={retry_after}")
    clock = Simulated()
    given: dict[str, Any] = {"rate": 3, "clock": clock, "trace_configs": [clock.tracing()]}
    async with (
        Sandbox(rows=320, rate=3, clock=clock.now, dialect=spoken) as sandbox,
        client(sandbox, **given) as one,
        client(sandbox, **given, token=sandbox.new_token()) as other,
    ):
        rows = await one.reports.attendances().collect()
        assert len(await other.reports.attendances().collect()) == len(rows) == 320


@pytest.mark.parametrize("spoken", ["job_id=text", "csv_header=labels", "header_names=flat row_names=flat"])
@pytest.mark.parametrize("form", ["csv", "json"])
async def test_exports(sandbox: Sandbox, tmp_path: Path, spoken: str, form: Any) -> None:
    """Jobs named in text, and files with labels or flat names, are read as the rows that they hold."""
    async with client(sandbox) as teamup:
        stream = teamup.reports.attendances(columns=["id", "customer.name", "event.starts_at"])
        expected = await stream.collect()
        sandbox.dialect = Dialect.parse(spoken)
        job = await stream.export(format=form)
        await job.wait()
        file = tmp_path / f"rows.{form}"
        await job.download(file)
        assert [row async for row in job.rows(file)] == expected


async def test_csv_instead_of_json(sandbox: Sandbox) -> None:
    """A report that answers CSV is an error that names `format_json`, after one request."""
    sandbox.dialect = Dialect(format_json="ignored")
    async with client(sandbox) as teamup:
        with pytest.raises(ResponseDecodeError, match=r"Dialect\(format_json="):
            await teamup.reports.attendances().first()
    assert sandbox.requests == 1


async def test_lists_of_values(sandbox: Sandbox) -> None:
    """The form of lists of values is found out with a request or a few, once for a client, and said once."""
    async with client(sandbox) as teamup:
        stream = teamup.reports.attendances(status=["attended", "no_show"])
        expected = {row.id for row in await stream.collect()}
    sandbox.dialect = Dialect(arrays="comma")
    async with client(sandbox) as teamup:
        stream = teamup.reports.attendances(status=["attended", "no_show"])
        with pytest.warns(TeamUpDialectWarning, match="arrays='comma'"):
            assert {row.id for row in await stream.collect()} == expected
        assert stream.integrity.adapted == ("arrays=comma",)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            before = sandbox.requests
            assert {row.id for row in await stream.collect()} == expected
            assert sandbox.requests - before == len(expected) // 100 + 1


@pytest.mark.parametrize(
    "spoken",
    [
        "sort_by_id=refused",
        "arrays=comma sort_by_id=refused",
        "total=absent",
        "total=whole",
        "total=approximate",
    ],
)
async def test_counts(sandbox: Sandbox, spoken: str) -> None:
    """A client that was told nothing counts the rows of a filter in dialects in which that takes more than a look."""
    query: dict[str, Any] = {"status": ["attended", "no_show"]}
    expected = len(await _collected(sandbox, query))
    sandbox.dialect = Dialect.parse(spoken)
    async with client(sandbox) as teamup:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TeamUpDialectWarning)
            assert await teamup.reports.attendances(**query).count() == expected
            assert await teamup.reports.attendances(**query).count() == expected


async def _collected(sandbox: Sandbox, query: dict[str, Any]) -> list[Any]:
    async with client(sandbox) as teamup:
        rows: list[Any] = await teamup.reports.attendances(**query).collect()
    return rows


async def test_a_client_that_is_told_asks_nothing(sandbox: Sandbox) -> None:
    """With `dialect=`, `array_encoding=` or its variable, nothing is asked that was not asked for."""
    for given in ({"dialect": "default"}, {"dialect": Dialect()}, {"array_encoding": "repeat"}):
        async with client(sandbox, **given) as teamup:
            before = sandbox.requests
            await teamup.reports.attendances(status=["attended", "no_show"]).collect(limit=5)
            await teamup.lists.attendances(status=["attended", "registered"]).collect(limit=5)
            assert await teamup.reports.attendances().count() == 120
            assert sandbox.requests - before == 3


async def test_id_gt_of_groups(sandbox: Sandbox) -> None:
    """`id_gt` where rows can't show it is asked about first: it does something, or is an error that names the field."""
    columns: Any = ["status", "count"]
    async with client(sandbox) as teamup:
        groups = teamup.reports.attendances_grouped(columns=columns, id_gt=10)
        assert sum(int(group.count or 0) for group in await groups.collect()) == 120
        for value in ("ignored", "refused"):
            sandbox.dialect = Dialect.parse(f"grouped_id_gt={value}")
            async with client(sandbox) as other:
                with pytest.raises((DialectError, BadRequestError), match="grouped_id_gt"):
                    await other.reports.attendances_grouped(columns=columns, id_gt=10).collect()
        assert await teamup.reports.attendances_grouped(columns=columns).collect()


async def test_the_variable(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """``TEAMUP_DIALECT`` tells a client the dialect."""
    monkeypatch.setenv("TEAMUP_DIALECT", "arrays=comma list_arrays=comma")
    sandbox.dialect = Dialect(arrays="comma", list_arrays="comma")
    async with TeamUp(base_url=sandbox.url, token=sandbox.token) as teamup:
        found = await teamup.reports.attendances(status=["attended", "no_show"]).collect()
    assert {row.status for row in found} == {"attended", "no_show"}
    assert sandbox.log[-1].value("status") == "attended,no_show"
