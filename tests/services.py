"""Programs that some tests start as real services: which, where they are found, and how they are installed.

In a test::

    redis = need("redis-server")  # the path of the program; without it the test is skipped, and says why

``python3 tests/services.py`` installs what `nox -s tests` needs, where it can: with apt-get, as root. ``.ci/run`` does
that before it runs the tests. With names of programs it installs those. A new service is one entry of `SERVICES`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

__all__ = ["SERVICES", "find", "main", "need"]


class Service(NamedTuple):
    """Where a program comes from."""

    package: str  # Debian's, and Ubuntu's
    folders: str = ""  # where that package puts the program, if not onto PATH; a glob
    apart: bool = False  # needed by a session of its own only


SERVICES = {
    "chromium": Service("chromium"),
    "curl": Service("curl"),
    "jq": Service("jq"),
    "redis-server": Service("redis-server"),
    "postgres": Service("postgresql", "/usr/lib/postgresql/*/bin"),
    "java": Service("default-jre-headless", apart=True),  # nox -s spark
}
"""By the name of the program. What is installed here costs every run of the tests its seconds."""

PATIENCE = 120
"""Seconds that finding out, downloading and unpacking packages may each take."""


def find(program: str) -> str | None:
    """Give the path of a program, or None."""
    folders = SERVICES[program].folders
    beside = (str(path) for path in sorted(Path("/").glob(folders.lstrip("/")))) if folders else ()
    return shutil.which(program) or shutil.which(program, path=os.pathsep.join(beside))


def need(program: str) -> str:
    """Give the path of a program; skip the test where it is missing."""
    import pytest

    path = find(program)
    if path is None:
        pytest.skip(f"{program} is not installed: apt-get install {SERVICES[program].package}")
    return path


def main(wanted: list[str]) -> int:
    """Install the packages of what is missing. Say what is still missing then; that is no failure."""
    wanted = wanted or [program for program, service in SERVICES.items() if not service.apart]
    missing = [program for program in wanted if find(program) is None]
    if not missing:
        return 0
    reason = install([SERVICES[program].package for program in missing])
    missing = [program for program in missing if find(program) is None]
    if missing:
        packages = " ".join(SERVICES[program].package for program in missing)
        print(f"Not installed: {', '.join(missing)}. {reason}", file=sys.stderr)
        print(
            f"The tests that need them are skipped. To run them: apt-get install {packages}", file=sys.stderr
        )
    return 0


def install(packages: list[str]) -> str:
    """Install Debian packages quietly; give the reason why that may not have worked."""
    if shutil.which("apt-get") is None:
        return "There is no apt-get here."
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "Only root can install packages."
    fetch = ["install", "--yes", "--no-install-recommends"]
    for step in (["update"], [*fetch, "--download-only", *packages], [*fetch, *packages]):
        print(f"services: apt-get {' '.join(step)}", file=sys.stderr)
        try:
            done = subprocess.run(
                ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=1", *step],
                env={
                    **os.environ,
                    "DEBIAN_FRONTEND": "noninteractive",
                    "RUNLEVEL": "1",
                },  # 1: starts no service
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"apt-get {step[0]} took more than {PATIENCE} seconds."
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            return f"apt-get {step[0]} failed: {' '.join(last)}"
    return "The packages were installed, but the programs are not on PATH."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
