"""The picture of a terminal in README.md."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.docs import ROOT

PICTURE = ROOT / "docs/_static/terminal.svg"


@pytest.mark.slow
def test_picture_shows_what_the_command_prints() -> None:
    """The words in the picture are those that `teamup demo` prints today, seconds apart."""
    command = [sys.executable, "-P", str(ROOT / "docs/terminal.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_picture_needs_nothing_from_elsewhere() -> None:
    """The picture is whole: no font, script or image of another place, and README.md describes it."""
    text = PICTURE.read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert ET.fromstring(text).tag.endswith("svg")
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    assert "@import" not in text
    assert "@font-face" not in text
    assert re.search(r"!\[[\w :;,]{40,}\]\(docs/_static/terminal\.svg\)", readme)
