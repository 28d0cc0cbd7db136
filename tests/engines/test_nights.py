"""The night on paper, small: no account beyond its quota, and what is worth knowing of how work is cut."""

from __future__ import annotations

import pytest

from tests.docs import script

nights = script("nights")


@pytest.fixture(scope="module")
def lines() -> dict[str, object]:
    """The lines of the table for 120 accounts on 3 workers."""
    return dict(nights.nights(120, 3))


def test_within_the_quota(lines) -> None:
    """The server refuses nothing, and accounts that the quota bounds use 90 % of it and more."""
    apart = {name: night for name, night in lines.items() if name != "all alike"}
    assert [night.refused for night in lines.values()] == [0] * len(lines)
    assert all(night.least / night.took >= 0.9 for night in apart.values())


def test_what_a_lost_worker_costs(lines) -> None:
    """A shard that goes on costs no page twice, and less time than one that begins anew."""
    goes_on, anew = (
        lines[f"the same, and {how}"]
        for how in ("a worker is lost halfway; its shard goes on", "its shard begins anew")
    )
    assert (goes_on.repeated, anew.repeated > 0) == (0, True)
    assert goes_on.requests == lines["the same, sizes known"].requests == anew.requests - anew.repeated
    assert lines["the same, sizes known"].seconds <= goes_on.seconds < anew.seconds


def test_one_shard_for_each_worker(lines) -> None:
    """Several shards one after the other wait for their largest accounts one after the other."""
    three = lines["three shards for each worker, one after the other"]
    assert three.seconds > 1.5 * lines["the same, sizes known"].seconds


def test_table() -> None:
    """The script prints a table of one line for each case."""
    assert len(nights.table(9, 2).splitlines()) == 8
