"""A web service that streams a report to the browser as CSV.

One client serves the whole application: all requests share its quota and connections. When a browser goes away, aiohttp
cancels the handler, and the walk ends what it had in flight.
"""

import csv
import io
import os
from collections.abc import AsyncIterator

from aiohttp import web

from teamup_async import TeamUp

CLIENT = web.AppKey("teamup", TeamUp)


async def client(app: web.Application) -> AsyncIterator[None]:
    """Open the client with the application, and close it with it."""
    async with TeamUp() as teamup:
        app[CLIENT] = teamup
        yield


async def attendances(request: web.Request) -> web.StreamResponse:
    """Send page after page; the first rows are there before the last are read."""
    response = web.StreamResponse(headers={"Content-Type": "text/csv; charset=utf-8"})
    await response.prepare(request)
    stream = request.app[CLIENT].reports.attendances(
        columns=["id", "event.starts_at", "customer.name", "status"]
    )
    async with stream.pages() as pages:
        async for page in pages:
            text = io.StringIO()
            csv.writer(text).writerows(page.values())
            await response.write(text.getvalue().encode())
    await response.write_eof()
    return response


def application() -> web.Application:
    """The routes, and what lives as long as the application."""
    app = web.Application()
    app.cleanup_ctx.append(client)
    app.router.add_get("/attendances.csv", attendances)
    return app


if __name__ == "__main__":
    web.run_app(application(), host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))
