"""A quota that processes share through a file: kept to by all together, and used."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from teamup_async import ConfigurationError
from teamup_async.bulk import QuotaFile
from tests.http.test_throttle import busiest

PULLER = Path(__file__).with_name("puller.py")
RATE, WINDOW = 25, 2.5
SLACK = 0.4
"""Seconds added to the window that clients count in. The margin of a minute's quota is longer; that of so short a
one would be shorter than the moments in which a busy machine lets one process go on and not another.
"""


def start(kind, sandbox, path, rate=RATE):
    command = [PULLER, kind, sandbox.url, sandbox.token, path, rate, WINDOW + SLACK]
    return subprocess.Popen(
        [sys.executable, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.teamup_sandbox(rows=850, seed=3, rate=RATE, window=WINDOW)
def test_processes(teamup_sandbox, tmp_path):
    """Three processes get all rows without a 429, use 80 % of the quota and more, and one that is killed
    meanwhile does not disturb them.
    """
    path = tmp_path / "quota.sqlite"
    killed = start("client", teamup_sandbox, path)
    others = [start(kind, teamup_sandbox, path) for kind in ("client", "client", "bulk")]
    assert killed.stdout.readline() == "begun\n"
    killed.kill()
    killed.communicate()
    for process in others:
        said, errors = process.communicate(timeout=60)
        assert (said.splitlines()[-1:], errors) == (["850"], "")
    times = sorted(request.at for request in teamup_sandbox.log)
    assert {request.status for request in teamup_sandbox.log} <= {
        200,
        None,
    }  # None: of the one that was killed
    assert busiest(times, WINDOW) <= RATE
    # While all had something to do.
    assert times[-1] - times[0] > 3 * WINDOW
    assert len([t for t in times if t - times[0] < 3 * WINDOW]) >= 0.8 * 3 * RATE


@pytest.mark.teamup_sandbox(rows=10)
async def test_killed_while_it_counts(teamup_sandbox, tmp_path):
    """A process that is killed in the middle of counting leaves the file to the others, at once and whole."""
    path = tmp_path / "quota.sqlite"
    with start("hold", teamup_sandbox, path, 2) as held:
        assert held.stdout.readline() == "begun\n"
        held.kill()
        held.communicate()
    begun = time.monotonic()
    with QuotaFile(path, rate=2, window=WINDOW + SLACK) as quota:
        throttle = quota.throttle(teamup_sandbox.token)
        assert [throttle.try_acquire() for _ in range(3)] == [True, True, False]
    assert time.monotonic() - begun < 5
    with pytest.raises(ConfigurationError, match=r"cannot use .*quota\.sqlite for the quota"):
        throttle.try_acquire()
