"""`teamup sync --verify`: a table that differs from what TeamUp says makes the command fail."""

import json
from pathlib import Path
from typing import Any

import pytest

from teamup_async.sandbox import Sandbox
from tests.sinks.reading import READERS


def test_verify(teamup: Any, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without --verify a difference is told; with it the exit code is 1, until --full has mended the table."""
    sync = ("sync", "attendances", "--to", tmp_path / "gym.db")
    with Sandbox.in_thread(rows=150, seed=5, rate=None) as sandbox:
        environment.setenv("TEAMUP_BASE_URL", sandbox.url)
        environment.setenv("TEAMUP_TOKEN", sandbox.token)
        good = teamup(*sync, "--verify")
        sandbox.delete("attendances", n=3)
        told = teamup(*sync)
        refused = teamup(*sync, "--verify", "--json")
        mended = teamup(*sync, "--verify", "--full")
        left = sandbox.ids("attendances")

    assert (good.code, good.err) == (0, "")
    assert told.code == 0
    assert "3 too many" in told.err
    assert "--full" in told.err
    assert refused.code == 1
    assert "3 too many" in refused.err
    assert json.loads(refused.out)["ok"] is False
    assert (mended.code, mended.err) == (0, "")
    assert sorted(row["id"] for row in READERS["sqlite"](tmp_path / "gym.db", "attendances")) == left
