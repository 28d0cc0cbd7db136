"""What docs/exports.md shows is run as it stands."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from teamup_async import TeamUp

GUIDE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")


@pytest.mark.teamup_sandbox(rows=300, rate=None)
async def test_the_example(teamup_sandbox, monkeypatch, tmp_path, capsys):
    """The Python example exports, waits, fetches and reads."""
    (source,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEAMUP_BASE_URL", teamup_sandbox.url)
    monkeypatch.setenv("TEAMUP_TOKEN", teamup_sandbox.token)
    teamup_sandbox.jobs.polls = 0
    code = compile(source, "exports.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, {"TeamUp": TeamUp})
    assert "'report': 'attendances'" in capsys.readouterr().out
    assert (tmp_path / "attended.csv").exists()
