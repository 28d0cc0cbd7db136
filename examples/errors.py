"""What can go wrong, from the most special to the most general, and what to do then."""

import asyncio

from teamup_async import (
    AuthenticationError,
    PaginationError,
    QueryError,
    RateLimitError,
    RequestError,
    TeamUp,
    TeamUpError,
)


async def count() -> int:
    """Count attendances."""
    async with TeamUp() as teamup:
        return await teamup.reports.attendances(status=["attended"]).count()


async def main() -> str:
    """Turn each kind of error into advice."""
    try:
        return f"{await count():,} attendances"
    except QueryError as error:
        return f"the query is wrong, nothing was sent: {error} (did you mean {error.suggestion}?)"
    except AuthenticationError as error:
        return f"the token is not good (any more): {error}"
    except RateLimitError as error:
        return f"something else uses up the quota of this token: {error}"
    except PaginationError as error:
        return f"rows moved while they were read; go on from {error.position}: {error}"
    except RequestError as error:
        return f"{error.method} {error.path} failed {len(error.attempts)} times: {error}"
    except TeamUpError as error:
        return f"something else went wrong: {error}"


if __name__ == "__main__":
    print(asyncio.run(main()))
