"""A real PostgreSQL server for tests: on a Unix socket, in a folder of its own, gone when the tests are."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from tests.services import need

__all__ = ["PostgresServer", "read_table", "schema_of", "server"]

WATCHED = """
"$@" 2>&1 </dev/null &
read -r word
kill -QUIT $!
wait $!
[ "$word" ] || rm -rf "$FOLDER"
"""
"""For a shell: it ends the server at once when its own standard input ends, however the tests come to their end."""
OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "listen_addresses=",
    "shared_buffers=16MB",
    "max_connections=40",
)
USER = "teamup"


class PostgresServer:
    """``with PostgresServer() as server:`` makes one, with a database; `stop` lets it crash, and `start` it again.

    With a `port` it listens on loopback, too.
    """

    def __init__(self, port: int | None = None) -> None:
        self._port = {} if port is None else {"port": str(port)}
        self._options = (
            ["listen_addresses="] if port is None else ["listen_addresses=127.0.0.1", f"port={port}"]
        )
        self._programs = Path(need("postgres")).resolve().parent
        self._one = Lock()  # tests stop it in one thread and start it in another

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._as: list[str] = []
        if os.geteuid() == 0:  # root may not run it
            shutil.chown(self.folder, "nobody", "nogroup")
            self._as = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        options = ["-D", self.folder / "data", "-U", USER, "--auth=trust", "--no-sync"]
        made = subprocess.run(
            [*self._as, self._programs / "initdb", *options, "--encoding=UTF8", "--locale=C"],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.folder,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(word="")
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._one:
            self._start()

    def _start(self) -> None:
        options = [
            f"-c{option}" for option in (*OPTIONS, *self._options, f"unix_socket_directories={self.folder}")
        ]
        program = [*self._as, self._programs / "postgres", "-D", self.folder / "data", *options]
        self._shell = subprocess.Popen(
            ["sh", "-c", WATCHED, "sh", *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**os.environ, "FOLDER": str(self.folder)},
        )
        said = []
        for line in self._shell.stdout:
            said.append(line)
            if "ready to accept connections" in line:
                break
        else:
            raise AssertionError("".join(said))
        self._reader = Thread(target=self._shell.stdout.read, daemon=True)  # so that the pipe is never full
        self._reader.start()

    def stop(self, *, word: str = "keep\n") -> None:
        """Let it end in the middle of everything, as ``pg_ctl stop -m immediate`` does."""
        with self._one:
            if not self._shell.stdin.closed:
                self._shell.stdin.write(word)
                self._shell.stdin.close()
                self._shell.wait()
                self._reader.join()
                self._shell.stdout.close()

    def url(self, schema: str, *, user: str = USER, database: str = "postgres", **parameters: str) -> str:
        """The URL of a schema."""
        given = {"host": str(self.folder), **self._port, "schema": schema, **parameters}
        return f"postgresql://{user}@/{database}?" + "&".join(
            f"{name}={quote(value, safe='')}" for name, value in given.items()
        )

    def create_database(self, name: str) -> None:
        """Make a database."""
        self.run(f"CREATE DATABASE {name}")

    def connected(self, *, user: str = USER, autocommit: bool = True, database: str = "postgres") -> Any:
        """A session of a test's own."""
        import adbc_driver_postgresql.dbapi as adbc

        return adbc.connect(
            self.url("x", user=user, database=database).replace("&schema=x", ""), autocommit=autocommit
        )

    def run(self, *statements: str, database: str = "postgres") -> list[dict[str, Any]]:
        """Rows of the last of some statements, as they are in the database: lists are lists."""
        with self.connected(database=database) as session, session.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, map(_value, row), strict=True)) for row in cursor.fetchall()]


def _value(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith("[") else value


@cache
def server() -> PostgresServer:
    """The server of this process; the first test that asks for it starts it."""
    made = PostgresServer().__enter__()
    atexit.register(made.__exit__, None, None, None)
    return made


def schema_of(path: Path) -> str:
    """The schema that stands for a file, in tests that give each place a path."""
    return f"at_{sha256(str(path).encode()).hexdigest()[:16]}"


def read_table(path: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a table of the schema that stands for `path`, in the order in which they lie."""
    return server().run(f'SELECT * FROM "{schema_of(path)}"."{name}"')
