"""One virtual environment for each contender, made with venv and pip and kept for the next run."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DEFAULT_HOME = HERE / ".environments"


@dataclass(frozen=True)
class Recipe:
    """What an environment holds: packages for pip, and commands (of the environment) to run once after it."""

    name: str
    packages: tuple[str, ...]
    shown: tuple[str, ...]
    """Distributions whose versions the report names."""
    after: tuple[tuple[str, ...], ...] = ()
    watched: tuple[Path, ...] = ()
    """Files whose change makes the environment anew."""


OURS = Recipe(
    "ours",
    ("-e", f"{ROOT}[cli,dlt,duckdb,parquet]", "orjson>=3.10"),
    ("teamup-async", "aiohttp", "attrs", "cattrs", "msgspec", "orjson", "pyarrow", "duckdb", "dlt"),
    watched=(ROOT / "pyproject.toml",),
)
PEERS = (
    Recipe("requests", ("requests",), ("requests",)),
    Recipe("httpx-pydantic", ("httpx", "pydantic"), ("httpx", "pydantic")),
    Recipe("dlt", ("dlt[parquet]",), ("dlt",)),
    Recipe(
        "openapi",
        ("openapi-python-client", "httpx", "attrs", "python-dateutil"),
        ("openapi-python-client", "httpx", "attrs"),
        after=(
            (
                *("openapi-python-client", "generate", "--meta", "none", "--overwrite"),
                *(
                    "--path",
                    str(HERE / "openapi.json"),
                    "--output-path",
                    "{prefix}/generated/attendances_client",
                ),
            ),
        ),
        watched=(HERE / "openapi.json",),
    ),
    Recipe("airbyte-cdk", ("airbyte-cdk",), ("airbyte-cdk",)),
    Recipe("singer-sdk", ("singer-sdk",), ("singer-sdk",)),
)


class InstallError(Exception):
    """An environment could not be made; the message is the last line of what pip said."""


@dataclass
class Environments:
    """The environments below one folder."""

    home: Path
    say: Callable[[str], None] = print
    versions: dict[str, str] = field(default_factory=dict)

    def python(self, recipe: Recipe) -> Path:
        """The interpreter of this environment, which is made if it is not there or was made otherwise.

        Raises:
            InstallError: pip or a command after it failed.
        """
        prefix = self.home / recipe.name
        scripts = prefix / ("Scripts" if os.name == "nt" else "bin")
        interpreter = scripts / "python"
        stamp, wanted = prefix / "benchmark-stamp", _fingerprint(recipe)
        if not stamp.exists() or stamp.read_text() != wanted:
            self.say(f"making the environment {recipe.name} ...")
            venv.create(prefix, with_pip=True, clear=prefix.exists())
            _run([str(interpreter), "-m", "pip", "install", "--quiet", *recipe.packages])
            for command in recipe.after:
                program, *arguments = (part.format(prefix=prefix) for part in command)
                (prefix / "generated").mkdir(exist_ok=True)
                _run([str(scripts / program), *arguments])
            stamp.write_text(wanted)
        self.versions |= _versions(interpreter, recipe.shown)
        return interpreter


def _fingerprint(recipe: Recipe) -> str:
    parts = [sys.version, repr(recipe.packages), repr(recipe.after)]
    parts += [path.read_text() for path in recipe.watched]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise InstallError(said[-1] if said else f"exit code {done.returncode}")


def _versions(interpreter: Path, names: Sequence[str]) -> dict[str, str]:
    script = "import json, sys; from importlib.metadata import version as v; "
    script += "print(json.dumps({name: v(name) for name in sys.argv[1:]}))"
    done = subprocess.run([interpreter, "-c", script, *names], capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}
