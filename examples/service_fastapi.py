"""A FastAPI service with reports: a number as JSON, and rows streamed as CSV.

Run it with `pip install fastapi uvicorn`, then `python service_fastapi.py`. One client serves the whole application:
all requests share its quota and connections.
"""

import csv
import io
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

from teamup_async import RateLimitError, RequestTimeoutError, RowStream, TeamUp, TeamUpError, Timeouts
from teamup_async.sinks.cells import guarded


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[dict[str, TeamUp], None]:
    """Open the client with the application, and close it with it."""
    async with TeamUp(timeout=Timeouts(request=20)) as teamup:
        yield {"teamup": teamup}


app = FastAPI(lifespan=lifespan)


def client(request: Request) -> TeamUp:
    """The client of the application."""
    teamup: TeamUp = request.state.teamup
    return teamup


Client = Annotated[TeamUp, Depends(client)]


@app.exception_handler(TeamUpError)
async def failed(_: Request, error: TeamUpError) -> JSONResponse:
    """Answer 504 where TeamUp was too slow, 503 where the quota is used up, and 502 where it failed otherwise.

    No message holds a token.
    """
    status, headers = 502, {}
    if isinstance(error, RequestTimeoutError):
        status = 504
    elif isinstance(error, RateLimitError):
        status, headers = 503, {"Retry-After": "60"}
    return JSONResponse({"error": type(error).__name__, "message": str(error)}, status, headers)


@app.get("/health")
async def health(teamup: Client) -> dict[str, float]:
    """Say that the service is alive. It asks TeamUp nothing, so it may be called every second."""
    done = teamup.stats
    return {"requests": done.requests, "in_flight": done.in_flight, "waited": done.waited}


@app.get("/ready")
async def ready(teamup: Client) -> dict[str, int]:
    """Say that TeamUp answers and takes the token. It takes one or two small requests, so ask once a minute."""
    return {"attendances": await teamup.reports.attendances().paged(timeout=5).count()}


@app.get("/no-shows")
async def no_shows(teamup: Client) -> dict[str, int]:
    """Count the bookings of customers who did not come: one or two small requests, 15 seconds at most."""
    stream = teamup.reports.attendances(status=["no_show"])
    return {"no_shows": await stream.paged(timeout=15).count()}


def cells(row: Iterable[object]) -> list[object]:
    """The values of a row. A customer may be called ``=1+1``: a spreadsheet is to take that for text."""
    return [guarded(value) if isinstance(value, str) else value for value in row]


async def lines(stream: RowStream[Any]) -> AsyncIterator[str]:
    """A line of names, and the rows as CSV, a page at a time."""
    async with stream.pages() as pages:
        names = True
        async for page in pages:
            text = io.StringIO()
            if names:
                csv.writer(text).writerow(page.columns)
            csv.writer(text).writerows(map(cells, page.values()))
            names = False
            yield text.getvalue()


async def after(first: str, rest: AsyncIterator[str]) -> AsyncIterator[str]:
    """The first page, and the rest of them."""
    yield first
    async for text in rest:
        yield text


@app.get("/attendances.csv")
async def attendances(teamup: Client) -> StreamingResponse:
    """Send page after page; the first rows are there before the last are read."""
    stream = teamup.reports.attendances(columns=["id", "event.starts_at", "customer.name", "status"])
    rows = lines(stream)
    first = await anext(rows)  # what fails here can still be an answer of its own
    return StreamingResponse(after(first, rows), media_type="text/csv")


if __name__ == "__main__":
    port, grace = int(os.environ.get("PORT", "8080")), int(os.environ.get("GRACE", "10"))
    uvicorn.run(app, host="127.0.0.1", port=port, timeout_graceful_shutdown=grace)
