"""The programs that some tests start as services: how they are found and installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import services


def test_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program is found on PATH, or in the folder that its package puts it into."""
    monkeypatch.setenv("PATH", "")
    folders = f"{tmp_path}/lib/*/bin"
    monkeypatch.setitem(services.SERVICES, "served", services.Service("served-package", folders))
    program = tmp_path / "lib" / "15" / "bin" / "served"
    program.parent.mkdir(parents=True)

    assert services.find("served") is None
    with pytest.raises(
        pytest.skip.Exception, match="served is not installed: apt-get install served-package"
    ):
        services.need("served")
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert services.need("served") == str(program)


def test_what_can_not_be_installed_is_no_failure(tmp_path: Path) -> None:
    """Without apt-get the command names what is missing and how to get it, and ends well."""
    done = subprocess.run(
        [sys.executable, services.__file__, *services.SERVICES],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Not installed: " in done.stderr
    assert "There is no apt-get here." in done.stderr
    for program, service in services.SERVICES.items():
        if not service.folders:
            assert program in done.stderr
            assert service.package in done.stderr
