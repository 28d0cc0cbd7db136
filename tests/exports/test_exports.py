"""Export jobs against the sandbox: started, waited for, fetched and read."""

from __future__ import annotations

import json
import time

import pytest

from teamup_async import (
    ConnectionFailedError,
    ExportError,
    ExportJob,
    ExportStalledError,
    NotFoundError,
    QueryError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    RetryPolicy,
    ServerError,
    TeamUp,
)
from teamup_async.sandbox import Sandbox, faults
from tests.http.clock import Simulated

ROWS = 400


@pytest.fixture
async def sandbox():
    async with Sandbox(rows=ROWS, rate=None) as running:
        yield running


@pytest.fixture
def clock():
    return Simulated()


@pytest.fixture
async def teamup(sandbox, clock):
    quick = RetryPolicy(attempts=2, base=0.0)
    async with TeamUp(
        base_url=sandbox.url,
        token=sandbox.token,
        clock=clock,
        rate=None,
        retry=quick,
        trace_configs=[clock.tracing()],
    ) as client:
        yield client
    await clock.end()


def of_results(request):
    return request.path.startswith("/results/")


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_rows_of_an_export(teamup, tmp_path, form):
    """The rows of an exported file are those of a walk, object for object, in either format."""
    stream = teamup.reports.attendances(
        status=["attended", "no_show"], columns=["id", "status", "event", "checkin"]
    )
    job = await stream.export(format=form)
    seen = []
    await job.wait(progress=seen.append)
    path = await job.download(tmp_path / f"attendances.{form}")
    read = [row async for row in job.rows(path)]
    walked = await stream.collect()
    assert walked
    assert sorted(read, key=lambda row: row.id) == walked
    assert [row async for row in job.rows()] == read
    assert seen[-1].complete == seen[-1].total == len(walked)
    assert [each.requests for each in seen] == list(range(1, len(seen) + 1))


async def test_all_columns_survive_csv(teamup, tmp_path):
    """Every column of a report, lists and absent objects included, reads from CSV as a walk gives it."""
    stream = teamup.reports.attendances()
    job = await stream.export()
    await job.wait()
    assert [row async for row in job.rows()] == await stream.collect()


async def test_few_requests(sandbox, teamup, tmp_path):
    """A whole report takes the same few requests, however long it is."""
    job = await teamup.reports.attendances().export()
    await job.wait()
    await job.download(tmp_path / "all.csv")
    # One starts the job, three look at it, one finds its file there, one looks again, one fetches.
    assert [request.method for request in sandbox.log] == ["POST", *["GET"] * 6]


async def test_another_process(sandbox, teamup, tmp_path):
    """A job is a few words of JSON, and goes on from there."""
    job = await teamup.reports.attendances().export()
    saved = json.loads(json.dumps(job.to_json()))
    again: ExportJob = teamup.export_job(saved)
    assert again.to_json() == saved == {"job": job.id, "report": "attendances", "format": "csv"}
    await again.wait()
    assert len((await again.download(tmp_path / "a.csv")).read_text().splitlines()) == ROWS + 1
    with pytest.raises(NotFoundError):
        await teamup.export_job({**saved, "job": 1}).wait()


@pytest.mark.parametrize(
    "saved",
    [
        {},
        {"job": "1", "report": "attendances"},
        {"job": 1},
        {"job": 1, "report": "x"},
        {"job": True, "report": "attendances"},
    ],
)
async def test_what_is_no_job(teamup, saved):
    """What `to_json` never gave is refused."""
    with pytest.raises(QueryError):
        teamup.export_job(saved)


async def test_refused(teamup):
    """Lists have no exports, and a job has one of two formats."""
    with pytest.raises(QueryError, match="only reports"):
        await teamup.course_sessions().export()
    with pytest.raises(QueryError, match="xlsx"):
        await teamup.reports.attendances().export(format="xlsx")
    job = await teamup.reports.attendances().export()
    with pytest.raises(QueryError, match="done"):
        await job.wait(done="soon")


@pytest.mark.parametrize(
    "fault", [faults.status(503), faults.reset(), faults.disconnect(), faults.invalid_json()]
)
async def test_a_start_is_not_repeated(sandbox, teamup, fault):
    """Where TeamUp may have started a job, the request is not sent again by itself."""
    sandbox.faults.add(fault, times=None)
    with pytest.raises(RequestError) as raised:
        await teamup.reports.attendances().export()
    assert sandbox.requests == 1
    assert raised.value.gave_up == "not retryable"


async def test_a_start_waits_for_the_quota(sandbox, teamup):
    """A 429 says that nothing was started: then the request is sent again."""
    sandbox.faults.add(faults.throttled("1"), times=1)
    await teamup.reports.attendances().export()
    assert [request.method for request in sandbox.log] == ["POST", "POST"]


async def test_a_job_that_stalls(sandbox, teamup):
    """A job without progress is an error with its number, and may be waited for again."""
    sandbox.jobs.stalls_at = 0.5
    job = await teamup.reports.attendances().export()
    with pytest.raises(ExportStalledError, match=r"has not moved.*200 of 400") as raised:
        await job.wait(stall=60)
    assert raised.value.job == job.id
    sandbox.jobs.stalls_at = None
    await job.wait()


async def test_time_to_wait(sandbox, teamup, clock):
    """A wait ends within the time it was given, after a few requests."""
    sandbox.jobs.polls = 10**6
    job = await teamup.reports.attendances().export()
    began = clock.now()
    with pytest.raises(ExportStalledError, match="not done after"):
        await job.wait(timeout=300, stall=1000)
    assert clock.now() - began <= 300
    assert sandbox.requests < 30


async def test_a_result_before_the_job_is_done(sandbox, teamup):
    """A file that is there early is not fetched before all items are complete, unless asked for."""
    sandbox.jobs.result = "early"
    seen = []
    job = await teamup.reports.attendances().export()
    await job.wait(progress=seen.append)
    assert len(seen) == 3
    job = await teamup.reports.attendances().export()
    await job.wait(done="result", progress=seen.append)
    assert len(seen) == 4


async def test_a_result_after_the_job_is_done(sandbox, teamup, tmp_path):
    """A file that comes late is waited for, by `wait` and by `download`."""
    sandbox.jobs.result = "late"
    job = await teamup.reports.attendances().export()
    await job.wait()
    job = await teamup.reports.attendances().export()
    await job.wait(done="items")
    assert (await job.download(tmp_path / "a.csv")).stat().st_size > 0


async def test_jobs_that_do_not_count(sandbox, teamup, tmp_path):
    """Where a job does not say how many items are complete, its file tells that it is done."""
    sandbox.jobs.counts = False
    job = await teamup.reports.attendances().export()
    await job.wait()
    with pytest.raises(ExportError, match="done='result'"):
        await job.wait(done="items")


async def test_no_file(sandbox, teamup, tmp_path):
    """A file that never comes is an error, and nothing is left on the disk."""
    sandbox.jobs.result = "never"
    job = await teamup.reports.attendances().export()
    await job.wait(done="items")
    with pytest.raises(ExportError, match="answers 404"):
        await job.download(tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (faults.empty_body(), ExportError, "nothing"),
        (faults.html(), ExportError, "HTML"),
        (faults.status(200, "<html>", content_type="text/csv"), ExportError, "HTML"),
        (faults.status(500), ExportError, "500"),
        (faults.status(401), ExportError, "401"),
        (faults.short_body(3), ConnectionFailedError, r"\w"),
        (faults.chunked_cut(), ConnectionFailedError, r"\w"),
        (faults.reset_mid_body(), ConnectionFailedError, r"\w"),
        (faults.body(lambda body: body[: len(body) // 2]), ExportError, "cut short|400 items"),
        (faults.body(lambda body: body + b"9,more\r\n"), ExportError, "cut short"),
        (faults.redirect("ftp://127.0.0.1/a"), ResponseDecodeError, "ftp"),
    ],
)
async def test_a_file_that_is_wrong(sandbox, teamup, tmp_path, fault, kind, said):
    """An empty file, a page for people, and a file that is cut short are errors; a file that was there stays."""
    target = tmp_path / "a.csv"
    target.write_text("before")
    job = await teamup.reports.attendances().export()
    await job.wait()
    sandbox.faults.add(fault, when=of_results, times=None)
    with pytest.raises(kind, match=said):
        await job.download(target)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.csv", "before")]


async def test_a_file_that_is_wrong_for_a_while(sandbox, teamup, tmp_path):
    """A connection that breaks, and a file that is not there yet, are tried again from the beginning."""
    job = await teamup.reports.attendances().export()
    await job.wait()
    for fault in (faults.reset_mid_body(), faults.status(503), faults.short_body(2)):
        sandbox.faults.add(fault, when=of_results, times=1)
    path = await job.download(tmp_path / "a.csv")
    assert len(path.read_text().splitlines()) == ROWS + 1


async def test_numbers_that_do_not_fit(sandbox, teamup, tmp_path):
    """A file with other rows than TeamUp counts is refused; who knows better says so."""
    job = await teamup.reports.attendances(columns=["id"]).export()
    await job.wait()
    sandbox.faults.add(
        faults.body(lambda body: body.rsplit(b"\r\n", 2)[0] + b"\r\n"), when=of_results, times=None
    )
    with pytest.raises(ExportError, match="399 rows, but TeamUp counts 400 items"):
        await job.download(tmp_path / "a.csv")
    await job.download(tmp_path / "a.csv", check=False)


async def test_the_token_stays_at_home(sandbox, teamup, tmp_path):
    """On another origin neither the token nor the account is sent, and nothing counts against the quota."""
    sandbox.jobs.elsewhere = True
    job = await teamup.reports.attendances().export()
    await job.wait()
    await job.download(tmp_path / "a.csv")
    fetched = [request for request in sandbox.log if of_results(request)]
    assert fetched
    for request in fetched:
        assert request.headers["Host"].startswith("localhost:")
        assert sandbox.token not in str(request.headers)
        assert "Authorization" not in request.headers


async def test_redirects(sandbox, teamup, tmp_path):
    """A redirect to another origin is followed without the token; one in a circle ends."""
    job = await teamup.reports.attendances().export()
    await job.wait()
    path = next(request.path for request in sandbox.log if of_results(request))
    away = sandbox.url.removesuffix("/api/v2").replace("127.0.0.1", "localhost") + path
    sandbox.faults.add(faults.redirect(away), when=of_results, times=1)
    await job.download(tmp_path / "a.csv")
    home, elsewhere = [request for request in sandbox.log if of_results(request)][-2:]
    assert "Authorization" in home.headers
    assert "Authorization" not in elsewhere.headers
    sandbox.faults.add(faults.redirect(path), when=of_results, times=None)
    with pytest.raises(ConnectionFailedError, match="redirects"):
        await job.download(tmp_path / "b.csv", patience=5)


async def test_sizes(sandbox, teamup, tmp_path):
    """A file may be larger than other answers, and has a limit of its own; memory is not where it goes."""
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, max_body=2000) as small:
        job = await small.reports.attendances().export()
        await job.wait()
        assert (await job.download(tmp_path / "a.csv")).stat().st_size > 20_000
        with pytest.raises(ResponseDecodeError, match="max_bytes"):
            await job.download(tmp_path / "b.csv", max_bytes=10_000)


async def test_a_disk_that_fails(teamup, tmp_path):
    """What the disk says is what the caller hears, and not a fault of the connection."""
    job = await teamup.reports.attendances().export()
    await job.wait()
    with pytest.raises(OSError, match="No such file"):
        await job.download(tmp_path / "missing" / "a.csv")


async def test_answers_that_are_no_jobs(sandbox, teamup):
    """An answer of another shape is told, and not taken for a job."""
    sandbox.faults.add(faults.wrong_shape({"job": "soon"}), times=1)
    with pytest.raises(ResponseDecodeError, match="names no job"):
        await teamup.reports.attendances().export()
    job = await teamup.reports.attendances().export()
    sandbox.faults.add(faults.wrong_shape({"id": "x"}), times=None)
    with pytest.raises(ResponseDecodeError, match="no job"):
        await job.wait()
    sandbox.faults.clear()
    sandbox.faults.add(faults.status(500), times=None)
    with pytest.raises(ServerError):
        await job.wait()


@pytest.mark.parametrize("path", ["/jobs/", "/results/"])
async def test_time_for_waiting(sandbox, path):
    """Waiting for a job ends in the time it was given, also while a request is in flight that is never answered."""
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
        job = await teamup.reports.attendances().export()
        sandbox.faults.add(faults.hang(), when=lambda request: request.path.startswith(path), times=None)
        sandbox.jobs.polls = 0
        begun = time.monotonic()
        with pytest.raises(ExportStalledError, match=r"is not done after 0\.4 seconds") as caught:
            await job.wait(timeout=0.4)
        assert time.monotonic() - begun < 10  # the defaults would wait for half a minute and more
        assert caught.value.job == job.id


async def test_a_look_that_fails(sandbox, teamup):
    """A connection that breaks while the job's file is looked for costs a pause, not the wait."""
    job = await teamup.reports.attendances().export()
    rule = sandbox.faults.add(faults.reset(), when=of_results, times=4)
    await job.wait()
    assert rule.fired == 4


@pytest.mark.parametrize(
    ("path", "fault"),
    [("/jobs/", faults.hang()), ("/results/", faults.hang()), ("/results/", faults.drip())],
    ids=["a job that is not told", "a file that is not answered", "a file that drips"],
)
async def test_time_for_a_download(sandbox, tmp_path, path, fault):
    """A download ends in the time it was given, whatever it waits for, and leaves nothing on the disk."""
    async with TeamUp(base_url=sandbox.url, token=sandbox.token, rate=None) as teamup:
        job = await teamup.reports.attendances().export()
        sandbox.jobs.polls = 0
        await job.wait()
        sandbox.faults.add(fault, when=lambda request: request.path.startswith(path), times=None)
        begun = time.monotonic()
        with pytest.raises(RequestTimeoutError, match=rf"job {job.id}: .* after 0\.4 seconds"):
            await job.download(tmp_path / "a.csv", timeout=0.4)
        assert time.monotonic() - begun < 10
        with pytest.raises(RequestTimeoutError):
            [row async for row in job.rows(timeout=0.4)]
    assert list(tmp_path.iterdir()) == []
