"""The page of a run in a browser: nothing is cut off at the width of a phone, or of a screen."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from teamup_async.errors import TeamUpError
from tests.unit.reporting import counts, earlier, failed, part, result

LONG = "a-name-of-sixty-letters-that-no-one-can-break-anywhere-at-all"
WIDTHS = (360, 400, 1200)
FRAMES = """<!doctype html><title>waiting</title><body>{frames}<script>
addEventListener("load", () => {{
  document.title = JSON.stringify([...document.querySelectorAll("iframe")].map(frame => {{
    const page = frame.contentDocument;
    return [page.documentElement.scrollWidth, page.querySelectorAll("tbody tr").length,
            frame.contentWindow.performance.getEntriesByType("resource").length];
  }}));
}});
</script>"""


@pytest.mark.slow
def test_widths(tmp_path: Path) -> None:
    """The page fits a phone and a screen, also with long names, big numbers and long errors, and loads nothing."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    parts = [
        part(
            LONG, account=LONG, counts=counts(new=123_456, table=12_345_678, total=12_345_678), seconds=4000
        ),
        failed(TeamUpError(f"{'x' * 300} <b>{LONG}</b>"), account="south"),
    ]
    call = f"teamup sync {LONG} --report {LONG}.html"
    page = result(*parts, call=call, target=f"csv:{LONG}/{LONG}", earlier=earlier(40)).to_html()
    (tmp_path / "night.html").write_text(page, encoding="utf-8")
    frames = "".join(f'<iframe src="night.html" width="{width}" height="800"></iframe>' for width in WIDTHS)
    (tmp_path / "frames.html").write_text(FRAMES.format(frames=frames), encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-proxy-server")
    shown = subprocess.run(
        [
            browser,
            *options,
            "--disable-background-networking",
            "--allow-file-access-from-files",  # so that one file may look at another
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=1300,900",
            "--virtual-time-budget=5000",
            "--dump-dom",
            (tmp_path / "frames.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = re.search(r"<title>(.*?)</title>", shown.stdout)
    assert found is not None, shown.stderr
    for (wide, rows, loaded), width in zip(json.loads(found[1]), WIDTHS, strict=True):
        assert wide <= width
        assert rows == 4 + 30
        assert loaded == 0
