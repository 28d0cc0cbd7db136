"""The client that waits: in scripts, in notebooks, in threads, left early and left open."""

import asyncio
import contextvars
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from teamup_async import ClientClosedError, ConfigurationError, QueryError, StatusError
from teamup_async._background import Background, background, iterated
from teamup_async.blocking import BulkPull, TeamUp
from teamup_async.bulk import Account
from teamup_async.endpoints import ENDPOINTS
from teamup_async.sandbox import Sandbox, faults


def settled(sandbox: Sandbox) -> int:
    """The requests of the sandbox, once nothing is in flight any more."""
    there = background()

    async def wait() -> None:
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)

    there.run(wait)
    return sandbox.requests


def test_the_same_rows(client: Any, sandbox: Sandbox) -> None:
    """Rows, pages, batches, lists, counts and single objects are those of the async client."""

    async def read() -> list[Any]:
        import teamup_async

        async with teamup_async.TeamUp(token=sandbox.token, base_url=sandbox.url, rate=None) as teamup:
            return await teamup.reports.attendances().collect()

    expected = background().run(read)
    with client() as teamup:
        stream = teamup.reports.attendances()
        assert list(stream) == expected
        assert [row for page in stream.pages() for row in page.rows] == expected
        assert stream.collect() == expected
        assert stream.integrity.exact
        assert stream.stats.rows == len(expected)
        assert (stream.count(), stream.first(), stream.collect(3)) == (1000, expected[0], expected[:3])
        assert [batch.num_rows for batch in stream.batches(600)] == [600, 400]
        assert (
            stream.to_arrow(names="snake").num_rows
            == len(stream.to_pandas())
            == stream.to_polars().height
            == 1000
        )
        assert [page.next for page in stream.up_to(250).pages()][-1] is not None
        venue = teamup.lists.venues().first()
        assert venue is not None
        assert teamup.lists.venues.get(venue.id) == teamup.venues.get(venue.id) == venue
        assert teamup.get("/venues")["count"] == teamup.venues().count()


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.key)
def test_every_endpoint_has_a_method(endpoint: Any) -> None:
    """Each declared endpoint is a method, of the same name as in the async client, that gives a blocking stream."""
    import teamup_async
    from teamup_async.blocking import RowStream

    waiting, other = TeamUp(token="t"), teamup_async.TeamUp(token="t")
    space = "reports" if endpoint.envelope.headed else "lists"
    name = endpoint.python_name if hasattr(getattr(other, space), endpoint.python_name) else endpoint.name
    made = vars(type(getattr(other, space)).__mro__[0]).get(name)
    required = {parameter.name: "x" for parameter in endpoint.filters if parameter.required}

    assert made is None or not required or callable(getattr(getattr(waiting, space), name))
    if not required:
        assert isinstance(getattr(getattr(waiting, space), name.replace(".", "_"))(), RowStream)


def test_without_with(client: Any) -> None:
    """A client opens when it is first used; `close` closes it for good, and then it says so."""
    teamup = client()
    stream = teamup.venues()
    assert stream.count() > 0
    teamup.close()
    teamup.close()
    with pytest.raises(ClientClosedError, match="was closed"):
        stream.count()
    with pytest.raises(ClientClosedError, match="was closed"), teamup:
        pass


def test_dropped(client: Any) -> None:
    """A client that nobody holds any more closes its connections; a stream of it holds it."""
    teamup = client()
    its = weakref.ref(teamup._client)
    stream = teamup.venues()
    del teamup
    gc.collect()
    assert stream.count() > 0
    del stream
    gc.collect()
    background().run(lambda: asyncio.sleep(0))
    gc.collect()

    assert its() is None


def test_nobody_holds_the_client(client: Any) -> None:
    """What is iterated over holds its client: nothing closes it before the last row."""
    rows, pages, batches = (
        iter(client().reports.attendances().paged(size=10, window=2)),
        client().reports.attendances().paged(size=10, window=2).pages(),
        client().reports.attendances().paged(size=10, window=2).batches(100),
    )
    gc.collect()
    background().run(lambda: asyncio.sleep(0))
    begun = next(rows)
    gc.collect()

    assert begun is not None
    assert (len(list(rows)), sum(map(len, pages)), len(list(batches))) == (999, 1000, 10)


@pytest.mark.parametrize("way", ["break", "close", "with", "drop", "error"])
def test_left_early(client: Any, sandbox: Sandbox, way: str) -> None:
    """Leaving rows early, however that happens, ends the requests of the walk."""
    with client(concurrency=2) as teamup:
        stream = teamup.reports.attendances().paged(size=10, window=100)
        before = sandbox.requests
        match way:
            case "break":
                for _ in stream:
                    break
            case "close":
                rows = iter(stream)
                next(rows)
                rows.close()
            case "with":
                with stream as rows:
                    next(rows)
            case "drop":
                pages = stream.pages()
                next(pages)
                del pages
            case _:
                with pytest.raises(ZeroDivisionError):
                    for _ in stream:
                        1 / 0  # noqa: B018
        gc.collect()
        after = settled(sandbox)

    assert after - before < 50  # of 100 that the walk would fetch ahead


@pytest.mark.parametrize("paging", [{"thrifty": True}, {"by": "id"}, {"size": 10, "window": 2}])
def test_requests_are_those_of_the_async_client(
    client: Any, sandbox: Sandbox, paging: dict[str, Any]
) -> None:
    """Reading all rows costs the requests that it costs with the async client."""

    async def read() -> None:
        import teamup_async

        async with teamup_async.TeamUp(
            token=sandbox.token, base_url=sandbox.url, rate=None, dialect="default"
        ) as teamup:
            assert len([row async for row in teamup.reports.attendances().paged(**paging)]) == 1000

    before = sandbox.requests
    background().run(read)
    expected = settled(sandbox) - before
    with client() as teamup:
        assert len(list(teamup.reports.attendances().paged(**paging))) == 1000

    assert settled(sandbox) - before == 2 * expected


def test_errors(client: Any, sandbox: Sandbox) -> None:
    """Errors are raised where rows are asked for, with what the async client says, and the client goes on."""
    with client() as teamup:
        sandbox.faults.add(faults.status(400), path="attendances", nth=2)
        rows = iter(teamup.reports.attendances().paged(size=10, thrifty=True))
        assert len(list(islice(rows, 10))) == 10
        with pytest.raises(StatusError, match="400") as raised:
            next(rows)
        assert raised.value.position is not None
        with pytest.raises(StopIteration):
            next(rows)
        with pytest.raises(QueryError):
            teamup.reports.attendances(colums=[])
        with pytest.raises(QueryError):
            teamup.reports.attendances().batches(0)
        assert teamup.venues().count() > 0


async def test_in_a_notebook(client: Any) -> None:
    """It works where an event loop runs in the caller's thread."""
    with client() as teamup:
        assert len(list(teamup.reports.attendances())) == 1000


def test_threads(client: Any) -> None:
    """Several threads share a client; each walk has all rows."""
    teamup = client()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: len(list(teamup.reports.attendances())), range(8)))
    teamup.close()

    assert found == [1000] * 8


def test_closed_by_another_thread(client: Any, sandbox: Sandbox) -> None:
    """A call that waits while another thread closes the client ends with an error of this package."""
    teamup = client()
    asked = threading.Event()

    def hang(_: Any) -> None:
        asked.set()

    sandbox.before_request = hang
    sandbox.faults.add(faults.hang(), path="venues")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: teamup.venues().collect())
        asked.wait()
        teamup.close()
        with pytest.raises(Exception, match="clos") as raised:
            waiting.result(10)
    assert isinstance(raised.value, ClientClosedError)


def test_pull_and_sync(client: Any, tmp_path: Path) -> None:
    """Pulls take blocking streams; `watch` is called in the loop's thread."""
    watched: list[str] = []
    with client() as teamup:
        result = teamup.pull(
            {"venues": teamup.venues(), "attendances": {"status": ["attended"]}},
            into=f"csv:{tmp_path}",
            watch=lambda parts: watched.append(threading.current_thread().name),
        )
        plan = teamup.plan({"attendances": {"event_start_gte": None}}, windows=timedelta(days=30))
        synced = teamup.sync({"venues": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")
        part = next(iter(plan))
        assert len(list(teamup.stream_of(part))) == 1000
        assert sum(teamup.estimate(plan).rows.values()) == 1000

    assert (result.ok, synced.ok) == (True, True)
    assert watched == ["teamup-loop"]
    assert {file.name for file in tmp_path.iterdir()} >= {"venues.csv", "attendances.csv", "gym.db"}


def test_exports(client: Any, tmp_path: Path) -> None:
    """An export is waited for, fetched and read without async code."""
    with client() as teamup:
        job = teamup.reports.attendances().export()
        told: list[str] = []
        job.wait(progress=lambda progress: told.append(threading.current_thread().name))
        rows = list(teamup.export_job(job.to_json()).rows())
        path = job.download(tmp_path / "a.csv")

    assert len(rows) == 1000
    assert set(told) == {"teamup-loop"}
    assert path.exists()
    assert [row.id for row in job.rows(path)] == [row.id for row in rows]


def test_many_accounts(sandbox: Sandbox, tmp_path: Path) -> None:
    """`BulkPull` waits as well; its clients are blocking clients, open as long as it is."""
    accounts = [Account(name=name, token=sandbox.token) for name in ("north", "south")]
    with BulkPull(accounts, base_url=sandbox.url, rate=None) as bulk:
        assert bulk.pull({"venues": {}}, into=f"csv:{tmp_path}").ok
        assert bulk.clients["north"].venues().count() > 0
        assert set(bulk.stats) == {"north", "south"}
        north = bulk.clients["north"]
    with pytest.raises(ClientClosedError):
        north.venues().count()


def test_a_callback_that_asks(client: Any, sandbox: Sandbox) -> None:
    """A callback runs in the loop's thread: a call of the client from there is refused, instead of waiting for ever."""
    teamup = client()
    with pytest.raises(ConfigurationError, match="a callback runs where answers come in"):
        teamup.pull({"venues": {}}, into="csv:unused", watch=lambda _: teamup.venues().count())
    teamup.close()


def test_settings(sandbox: Sandbox) -> None:
    """What can't work is refused as by the async client, and without the token in what debuggers show."""
    with pytest.raises(ConfigurationError, match="belongs to the event loop"):
        TeamUp(token="t", session=object())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError) as raised:
        TeamUp(token="secret-token", concurrency=0)
    shown = ""
    trace = raised.tb
    while trace is not None:
        shown += repr(trace.tb_frame.f_locals) if trace.tb_frame.f_code.co_name == "__init__" else ""
        trace = trace.tb_next
    assert "secret-token" not in shown
    with TeamUp(token=sandbox.token, base_url=sandbox.url) as teamup:
        assert teamup.patient().venues().count() == teamup.venues().count()
        assert teamup.stats.requests > 0
        assert sandbox.token not in repr(teamup)


def test_context() -> None:
    """What runs in the loop sees the caller's context variables, as spans of a trace need."""
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("mine")

    async def read() -> str:
        return variable.get()

    assert background().run(read) == "mine"


def test_a_loop_that_is_told_to_exit() -> None:
    """`SystemExit` of a callback reaches whoever waits, and the loop goes on."""

    async def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        background().run(leave)

    async def one() -> int:
        return 1

    assert background().run(one) == 1


def test_the_end() -> None:
    """When the interpreter ends, connections are closed and calls that wait are told."""
    there = Background()
    closed: list[str] = []

    async def close() -> None:
        closed.append("closed")

    async def never() -> None:
        await asyncio.get_running_loop().create_future()

    there.close_at_exit(close)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: there.run(never))
        while not there.busy:
            pass
        there.end()
        with pytest.raises(ClientClosedError):
            waiting.result(10)
    assert closed == ["closed"]
    with pytest.raises(ClientClosedError, match="the interpreter is ending"):
        there.run(never)
    there.end()


def test_iterated() -> None:
    """Items of an async generator come in order; its error comes last; leaving early ends it, in its own task."""
    ended: list[Any] = []

    async def count(upto: int) -> Any:
        begun = asyncio.current_task()
        try:
            for number in range(upto):
                yield number
            raise ValueError("done")
        finally:
            ended.append(asyncio.current_task() is begun)

    rows = iterated(lambda: count(10))
    assert [next(rows) for _ in range(10)] == list(range(10))
    with pytest.raises(ValueError, match="done"):
        next(rows)
    left = iterated(lambda: count(10**9))
    assert next(left) == 0
    left.close()
    assert ended == [True, True]
