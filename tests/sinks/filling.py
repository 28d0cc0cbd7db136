"""A pull that may write no large file, then the same again without that limit: ``python filling.py URL TOKEN SINK``."""

import asyncio
import json
import os
import resource
import sys

import teamup_async._bulk.staging as bulk
from teamup_async import TeamUp

bulk.BATCH = 300


async def pull(url: str, token: str, into: str) -> None:
    """One run; prints its result."""
    async with TeamUp(base_url=url, token=token, mode="provider", rate=None) as teamup:
        result = await teamup.pull({"attendances": {}}, into=into)
    print(json.dumps(result.to_json()), flush=True)


def main() -> None:
    """Two runs, in processes of their own: limits can't be taken back."""
    url, token, into = sys.argv[1:]
    most = (
        1_000_000
        if "duckdb" in into
        else 40_000
        if any(kind in into for kind in ("arrow", "parquet", "delta"))
        else 300_000
    )
    for limit in (most, resource.RLIM_INFINITY):
        child = os.fork()
        if child == 0:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            asyncio.run(pull(url, token, into))
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
