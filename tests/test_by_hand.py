"""docs/by-hand.md: what it names is there."""

from __future__ import annotations

import re

from tests.docs import ROOT


def test_files_exist() -> None:
    """Each file that the tables name exists, in the package or beside it, and each line has a reason."""
    page = (ROOT / "docs" / "by-hand.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", "\n".join(lines))
    missing = [
        name for name in named if not any((ROOT / base / name).exists() for base in ("teamup_async", "."))
    ]

    assert missing == []
    assert len(named) > 50
    assert [line for line in lines if len(line.split(" | ")) != 4 or len(line.split(" | ")[3]) < 6] == []
