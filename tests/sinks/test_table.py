"""The one table of sinks: everything that lists formats goes by it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from teamup_async import sinks
from teamup_async.sinks import sink_named
from teamup_async.sinks.table import SINKS

BLOCKED = """
import sys
for name in ("pyarrow", "duckdb", "adbc_driver_postgresql", "deltalake", "xlsxwriter"):
    sys.modules[name] = None
from teamup_async.sinks import SinkError, sink_named
try:
    sink_named(sys.argv[1])
except SinkError as error:
    print(error)
"""


@pytest.mark.parametrize("kind", SINKS)
def test_a_line_of_the_table(tmp_path: Path, kind: str) -> None:
    """A sink calls itself as the table does, and can be imported from the package by the name of its class."""
    made, schemes = SINKS[kind].load(), SINKS[kind].schemes

    assert made.format == kind
    for place in [f"{scheme}://host/gym" for scheme in schemes] or [f"{kind}:{tmp_path}"]:
        assert sink_named(place).format == kind
    assert getattr(sinks, made.__name__) is made
    assert made.__name__ in sinks.__all__
    assert len({ending for line in SINKS.values() for ending in line.endings}) == sum(
        len(line.endings) for line in SINKS.values()
    )


@pytest.mark.parametrize("kind", [kind for kind in SINKS if SINKS[kind].extra])
def test_a_package_that_is_missing(tmp_path: Path, kind: str) -> None:
    """Without the packages of an extra, a format that needs it says which one to install."""
    place = "postgresql://gym" if SINKS[kind].schemes else str(tmp_path / f"x{SINKS[kind].endings[0]}")
    ran = subprocess.run([sys.executable, "-c", BLOCKED, place], capture_output=True, text=True, check=True)

    assert ran.stdout.startswith(f"{kind} needs the package ")
    assert ran.stdout.endswith(f": pip install 'teamup-async[{SINKS[kind].extra}]'\n")


def test_lazy() -> None:
    """The table is there at once; what writes a format is loaded when it is used."""
    code = (
        "import sys, json, teamup_async.sinks.named; "
        "names = 'pyarrow', 'duckdb', 'adbc_driver_postgresql', 'deltalake', 'fsspec', 'sqlite3', 'csv'; "
        "print(json.dumps([name for name in names if name in sys.modules]))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert json.loads(ran.stdout) == []
