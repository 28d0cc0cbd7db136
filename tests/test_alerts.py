"""The programs and commands of docs/run-reports.md that tell somebody, against a local server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from teamup_async.errors import TeamUpError
from tests.services import need
from tests.unit.reporting import counts, failed, part, result

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def hook() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """A webhook on loopback, and what it was called with: path and body."""
    called: list[tuple[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            called.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.do_GET(noted=True)

        def do_GET(self, *, noted: bool = False) -> None:
            if not noted:
                called.append((self.path, ""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", called
        server.shutdown()
        thread.join()


WELL = result(part(account="north", counts=counts(new=1))).to_json()
BROKEN = result(
    part(account="north", counts=counts(new=1)), failed(TeamUpError('"no"'), "customers", account="south")
).to_json()


def run(script: str, *arguments: str, environment: dict[str, str], report: Any, folder: Path) -> str:
    (folder / "night.json").write_text(json.dumps(report), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / script), "night.json", *arguments],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("report", "expected"), [(WELL, ["/ping"]), (BROKEN, ["/hook", "/ping/fail"])], ids=["well", "broken"]
)
def test_alert(hook: Any, tmp_path: Path, report: Any, expected: list[str]) -> None:
    """Where all is well only the ping comes; else a message says what needs a hand, and the ping says fail."""
    url, called = hook
    where = {"WEBHOOK_URL": f"{url}/hook", "PING_URL": f"{url}/ping"}
    said = run("alert.py", environment=where, report=report, folder=tmp_path)

    assert [path for path, _ in called] == expected
    assert report["last_line"] in said
    if report is BROKEN:
        text = json.loads(called[0][1])["text"]
        assert 'south/customers: TeamUpError: "no"' in text
        assert "What to do: Run it again" in text


def test_prometheus(tmp_path: Path) -> None:
    """The metrics say whether all is well, when, and what each account took."""
    run("prometheus_textfile.py", "teamup.prom", environment={}, report=BROKEN, folder=tmp_path)
    told = (tmp_path / "teamup.prom").read_text()
    values = dict(line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#"))

    assert values["teamup_run_ok"] == "0"
    assert values["teamup_run_ended_seconds"] == "1772845450"
    assert values['teamup_run_incomplete{account="south"}'] == "1"
    assert values['teamup_run_rows{account="north"}'] == "5"
    assert [file.name for file in tmp_path.glob("teamup*")] == ["teamup.prom"]


def test_curl_and_jq(hook: Any, tmp_path: Path) -> None:
    """The two lines with curl and jq post the last line and what needs a hand."""
    need("jq"), need("curl")
    url, called = hook
    page = (ROOT / "docs" / "run-reports.md").read_text("utf-8")
    [lines] = re.findall(r"<!-- not run: needs jq.*?```sh\n(.*?)```", page, re.DOTALL)
    (tmp_path / "night.json").write_text(json.dumps(BROKEN), encoding="utf-8")
    subprocess.run(
        [shutil.which("sh") or "sh", "-ec", lines],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "WEBHOOK_URL": f"{url}/hook"},
        check=True,
        timeout=60,
    )

    [(path, body)] = called
    assert path == "/hook"
    assert json.loads(body)["text"].splitlines() == [
        BROKEN["last_line"],
        'south/customers: TeamUpError: "no"',
    ]
