"""Running the code of one page, as its reader would, beside a sandbox."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from teamup_async.cli.running import run
from teamup_async.sandbox import Sandbox
from tests.site.blocks import Block, commands_of, unknown_extras

__all__ = ["PageRun"]

SHELL = set("|<>;&$*~`(")
"""What only a shell understands. Other lines that begin with ``teamup`` run in this process."""
INSTALLS = re.compile(r"(pip|uv pip|uv tool|uv|pipx) (install|add)\b")
A_TEST = re.compile(r"^(async )?def test_|^@pytest\.fixture", re.MULTILINE)


class PageRun:
    """The blocks of a page, run in order in an empty folder: names, variables and files stay until its end."""

    def __init__(self, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox, self.folder, self.environment = sandbox, folder, monkeypatch
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.tests: list[Block] = []
        self._set_up()

    def _set_up(self) -> None:
        """Let the reader have tokens of two accounts, and nothing else that the process of the tests has."""
        north, south = self.sandbox.accounts
        patch = self.environment
        for name in [name for name in os.environ if name.startswith("TEAMUP_")]:
            patch.delenv(name)
        home = self.folder.parent / f"{self.folder.name}-home"
        home.mkdir()
        for name, value in {
            "TEAMUP_BASE_URL": self.sandbox.url,
            "TEAMUP_TOKEN": self.sandbox.token,
            "NORTH_TOKEN": north.token,
            "SOUTH_TOKEN": south.token,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "COLUMNS": "120",
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            "DLT_DATA_DIR": str(home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }.items():
            patch.setenv(name, value)
        patch.delenv("PYTHONSAFEPATH", raising=False)
        patch.syspath_prepend(self.folder)
        patch.chdir(self.folder)
        token = self.folder / "south.token"
        token.write_text(south.token)
        token.chmod(0o600)

    def run(self, blocks: list[Block]) -> None:
        """Run all of them; raises what the first one raises that fails."""
        with asyncio.Runner() as runner:
            for block in blocks:
                if block.reason is not None:
                    continue
                if block.file is not None:
                    self._write(block)
                elif block.language == "python":
                    self._run_python(block, runner)
                elif block.language == "sh":
                    for command in commands_of(block):
                        self._run_command(command, block)
        if self.tests:
            self._run_tests()

    def _write(self, block: Block) -> None:
        assert block.file
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        path.chmod(0o600)
        if path.suffix == ".py":
            compile(block.text, block.file, "exec")

    def _run_python(self, block: Block, runner: asyncio.Runner) -> None:
        if A_TEST.search(block.text):
            self.tests.append(block)
            return
        text = block.text.replace('token="..."', f'token="{self.sandbox.token}"')
        text = text.replace("provider_id=123", f"provider_id={self.sandbox.accounts[0].provider_id}")
        above = "\n" * (block.line - 1)  # so that a traceback names the line of the page
        code = compile(above + text, str(block.page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & inspect.CO_COROUTINE:
            runner.run(eval(code, self.names))
        else:
            exec(code, self.names)

    def _run_command(self, command: str, block: Block) -> None:
        assert not unknown_extras(command), f"{block.place}: {command}"
        if INSTALLS.match(command):
            return
        if command.startswith("export "):
            for word in shlex.split(command)[1:]:
                name, _, value = word.partition("=")
                if value != "...":
                    self.environment.setenv(name, value)
            return
        if command.startswith("teamup ") and not SHELL & set(command):
            code, said = run(shlex.split(command)[1:]), "(see what was captured)"
        else:
            shell = ["bash", "-o", "pipefail", "-c", command]
            done = subprocess.run(shell, capture_output=True, text=True, timeout=120, check=False)
            code, said = done.returncode, done.stdout + done.stderr
        assert code == 0, f"{block.place}: {command}\nexit code {code}\n{said}"

    def _run_tests(self) -> None:
        """Run the tests that a page shows as one file of a project without configuration."""
        file = self.folder / "test_page.py"
        file.write_text("\n\n".join(block.text for block in self.tests), encoding="utf-8")
        settings = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
        options = ["-q", "-W", "error", "-p", "no:cacheprovider", *settings]
        command = [sys.executable, "-m", "pytest", *options, file.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{self.tests[0].place}\n{done.stdout}{done.stderr}"
