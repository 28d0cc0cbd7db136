"""What README.md shows is run as it stands, against a sandbox."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
SCRIPTS = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def command_lines() -> list[str]:
    section = README.split("## On the command line", 1)[1]
    (block,) = re.findall(r"^```sh\n(.*?)^```", section.split("## ", 1)[0], re.DOTALL | re.MULTILINE)
    lines = [line.partition("  #")[0].strip() for line in block.splitlines()]
    return [line for line in lines if not line.startswith("teamup sandbox")]


def bulk_lines() -> list[str]:
    section = README.split("## Whole histories, every night", 1)[1]
    (block,) = re.findall(r"^```sh\n(.*?)^```", section.split("## ", 1)[0], re.DOTALL | re.MULTILINE)
    lines = [line.partition("  #")[0].strip() for line in block.splitlines()]
    return [line for line in lines if "--accounts" not in line]


@pytest.fixture
def environment(teamup_sandbox, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEAMUP_BASE_URL", teamup_sandbox.url)
    monkeypatch.setenv("TEAMUP_TOKEN", teamup_sandbox.token)
    monkeypatch.delenv("TEAMUP_PROVIDER_ID", raising=False)
    monkeypatch.setenv("PATH", f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}")


def test_python_examples_run(environment, capsys):
    """Each Python example runs, in order, with the names that those before it made; all but the tests print."""
    names: dict[str, object] = {}
    ran = 0
    with asyncio.Runner() as runner:
        for source in blocks("python"):
            if "def test_" in source:
                continue
            code = compile(
                source.replace('TeamUp(token="...", provider_id=123)', "TeamUp()"),
                "README.md",
                "exec",
                flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
            )
            if code.co_flags & inspect.CO_COROUTINE:
                runner.run(eval(code, names))
            else:
                exec(code, names)
            ran += 1
            assert capsys.readouterr().out
    assert ran >= 4


def test_the_example_of_a_test_passes(environment, tmp_path):
    """The pytest example is a test that passes in a project of its own."""
    (source,) = (block for block in blocks("python") if "def test_" in block)
    (tmp_path / "test_it.py").write_text(f"from teamup_async import TeamUp\n\n{source}")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-o",
        "asyncio_mode=auto",
        "-p",
        "no:cacheprovider",
        "test_it.py",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("line", command_lines())
def test_command_lines_work(environment, line, tmp_path):
    """Each command line of the README succeeds and says something, or leaves the file it names."""
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    output = re.search(r" -o (\S+)", line)
    assert done.stdout.strip() or (output and (tmp_path / output[1]).stat().st_size > 0)


@pytest.mark.slow
@pytest.mark.parametrize("line", bulk_lines())
def test_bulk_lines_work(environment, line, tmp_path):
    """Each line about whole histories succeeds, and says something or leaves a file."""
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or list(tmp_path.glob("*.*"))
