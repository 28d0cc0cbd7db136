"""A real Redis server for a test: on a free port of loopback, with a folder of its own, gone when the test is."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
from types import TracebackType
from typing import Self

from tests.services import need

WATCHED = '"$@" </dev/null & read -r _; kill $!; wait $!'
"""For a shell: it ends the server when its own standard input ends, however the test's process came to its end."""


class RedisServer:
    """``with RedisServer() as redis:`` starts it; `stop` and `start` let it be gone for a while, at the same place.

    It keeps nothing on the disk: after a restart it knows nothing of what was before.
    """

    def __init__(self) -> None:
        self._program = need("redis-server")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._folder = tempfile.mkdtemp(prefix="redis-")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", self._folder, "--save", ""]
        self._shell = subprocess.Popen(
            ["sh", "-c", WATCHED, "sh", self._program, *options, "--appendonly", "no"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said = []
        for line in self._shell.stdout:
            said.append(line)
            if "Ready to accept connections" in line:
                return
        raise AssertionError("".join(said))

    def stop(self) -> None:
        """Stop it, and wait until it is gone."""
        self._shell.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shell.poll() is None:
            self.stop()
