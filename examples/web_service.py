"""A web service on aiohttp: numbers as JSON, and a report that is streamed to the browser as CSV.

One client serves the whole application: all requests share its quota and connections. When a browser goes away, aiohttp
cancels the handler, and the walk ends what it had in flight.
"""

import csv
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from aiohttp import web

from teamup_async import TeamUp, TeamUpError, Timeouts
from teamup_async.sinks.cells import guarded

CLIENT = web.AppKey("teamup", TeamUp)


async def client(app: web.Application) -> AsyncIterator[None]:
    """Open the client with the application, and close it with it."""
    # Somebody is waiting, so a request is tried for 20 seconds. A streamed report may take as long as its reader does.
    async with TeamUp(timeout=Timeouts(request=20)) as teamup:
        app[CLIENT] = teamup
        yield


@web.middleware
async def unavailable(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Say what failed at TeamUp. Its errors hold no token, so their text may be shown."""
    try:
        return await handler(request)
    except TeamUpError as error:
        return web.json_response({"detail": error.summary}, status=503, headers={"Retry-After": "30"})


async def no_shows(request: web.Request) -> web.Response:
    """Count the customers who booked and did not come: one or two small requests."""
    count = await request.app[CLIENT].reports.attendances(status=["no_show"]).paged(timeout=15).count()
    return web.json_response({"no_shows": count})


def cells(row: Iterable[object]) -> list[object]:
    """The values of a row. A customer may be called ``=1+1``: a spreadsheet is to take that for text."""
    return [guarded(value) if isinstance(value, str) else value for value in row]


async def attendances(request: web.Request) -> web.StreamResponse:
    """Send page after page; the first rows are there before the last are read."""
    response = web.StreamResponse(headers={"Content-Type": "text/csv; charset=utf-8"})
    stream = request.app[CLIENT].reports.attendances(
        columns=["id", "event.starts_at", "customer.name", "status"]
    )
    async with stream.pages() as pages:
        async for page in pages:
            text = io.StringIO()
            if not response.prepared:  # an error up to here is an answer with a status
                await response.prepare(request)
                csv.writer(text).writerow(page.columns)
            csv.writer(text).writerows(map(cells, page.values()))
            await response.write(text.getvalue().encode())
    await response.write_eof()
    return response


async def health(request: web.Request) -> web.Response:
    """Say that the service runs, and what it has sent. It asks TeamUp nothing: probes would spend the quota."""
    stats = request.app[CLIENT].stats
    return web.json_response({"requests": stats.requests, "retries": stats.retries, "waited": stats.waited})


def application() -> web.Application:
    """The routes, and what lives as long as the application."""
    app = web.Application(middlewares=[unavailable])
    app.cleanup_ctx.append(client)
    app.router.add_get("/no-shows", no_shows)
    app.router.add_get("/attendances.csv", attendances)
    app.router.add_get("/health", health)
    return app


if __name__ == "__main__":
    web.run_app(
        application(),
        host="127.0.0.1",
        port=int(os.environ.get("PORT", "8080")),
        handler_cancellation=True,  # of what a browser that went away had asked for
        shutdown_timeout=float(os.environ.get("GRACE", "10")),  # then answers that still run are cancelled
    )
