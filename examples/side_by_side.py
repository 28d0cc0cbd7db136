"""Read three endpoints at once. They share the client's quota and connections."""

import asyncio

from teamup_async import TeamUp


async def main() -> None:
    """Start one task for each endpoint; an error in one of them cancels the others."""
    async with TeamUp() as teamup, asyncio.TaskGroup() as tasks:
        attended = tasks.create_task(teamup.reports.attendances(status=["attended"]).count())
        taught = tasks.create_task(teamup.reports.instructed_sessions().collect(limit=100))
        sessions = tasks.create_task(teamup.course_sessions(expand=["venue"]).first())
    print(f"{attended.result():,} attendances")
    print(f"{len(taught.result())} sessions with an instructor")
    print("the first course session:", sessions.result())


asyncio.run(main())
