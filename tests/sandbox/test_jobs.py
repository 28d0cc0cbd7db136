"""Export jobs of the sandbox: started by POST, asked for by GET, and a file at the end."""

from __future__ import annotations

import aiohttp
import pytest

from teamup_async.sandbox import Sandbox

PATH = "/reports/attendances/export"


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=200, rate=None) as running:
        yield running


@pytest.fixture
async def http(sandbox):
    headers = {"Authorization": f"Token {sandbox.token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield session


async def start(http, sandbox, **body):
    async with http.post(f"{sandbox.url}{PATH}", json=body) as answer:
        return answer.status, await answer.json()


async def look(http, sandbox, job):
    async with http.get(f"{sandbox.url}/jobs/{job}") as answer:
        return await answer.json()


async def test_a_job_counts_and_ends_in_a_file(http, sandbox):
    """A job counts its items up; when all are complete, its URL answers with the rows that were asked for."""
    status, body = await start(http, sandbox, format="csv", status=["attended"], columns=["id", "status"])
    assert status == 200
    states = [await look(http, sandbox, body["job"]) for _ in range(3)]
    counts = [state["complete_items"] for state in states]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == states[-1]["total_items"]
    async with aiohttp.ClientSession() as nobody, nobody.get(states[-1]["result_url"]) as answer:
        lines = (await answer.text()).splitlines()
    assert lines[0] == "id,status"
    assert {line.split(",")[1] for line in lines[1:]} == {"attended"}
    assert len(lines) - 1 == states[-1]["total_items"]


async def test_json(http, sandbox):
    """With ``format=json`` the file is an array of rows."""
    sandbox.jobs.polls = 0
    _, body = await start(http, sandbox, format="json")
    state = await look(http, sandbox, body["job"])
    async with http.get(state["result_url"]) as answer:
        assert len(await answer.json()) == 200


async def test_a_job_that_stalls_has_no_file(http, sandbox):
    """A job that stops half-way stays there, and its URL answers 404."""
    sandbox.jobs.stalls_at = 0.5
    _, body = await start(http, sandbox)
    states = [await look(http, sandbox, body["job"]) for _ in range(9)]
    assert states[-1]["complete_items"] == 100
    async with http.get(states[-1]["result_url"]) as answer:
        assert answer.status == 404


async def test_results_early_late_and_elsewhere(http, sandbox):
    """The URL may answer before the job is done, later than it is, and on another origin."""
    sandbox.jobs.result = "early"
    sandbox.jobs.elsewhere = True
    _, body = await start(http, sandbox)
    state = await look(http, sandbox, body["job"])
    assert state["result_url"].startswith("http://localhost:")
    async with http.get(state["result_url"]) as answer:
        assert answer.status == 200
    sandbox.jobs.result, sandbox.jobs.polls = "late", 0
    statuses = []
    for _ in range(3):
        async with http.get(state["result_url"]) as answer:
            statuses.append(answer.status)
    assert statuses == [404, 404, 200]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"statuss": ["x"]}, "statuss"), ({"status": ["nope"]}, "status"), ({"format": "xml"}, "format")],
)
async def test_refused(http, sandbox, body, field):
    """What the document does not allow is refused by name."""
    status, said = await start(http, sandbox, **body)
    assert (status, list(said["field_errors"])) == (400, [field])


async def test_jobs_of_others(http, sandbox):
    """A job of another account, or none, is not found; a request without a token is refused."""
    _, body = await start(http, sandbox)
    other = {"Authorization": f"Token {sandbox.accounts[1].token}"}
    for headers, status in ((other, 404), ({"Authorization": ""}, 401)):
        async with http.get(f"{sandbox.url}/jobs/{body['job']}", headers=headers) as answer:
            assert answer.status == status
    async with http.get(f"{sandbox.url}/jobs/1") as answer:
        assert answer.status == 404
