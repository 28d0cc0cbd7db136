"""The table at the end of a run, and the same as plain values for the JSON file."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Line


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def _cpu() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as info:
            for line in info:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


def table(lines: Sequence[Line], *, quick: bool) -> str:
    """One row for each line: what was measured, the bar, the ratio, its spread, whether the bar is met."""
    heads = ("", "what", "bar", "ratio", "quartiles", "", "figures")
    rows = [heads]
    for line in lines:
        claim = line.claim
        sign = "<=" if claim.sense == "at most" else ">="
        rows.append(
            (
                str(claim.item),
                claim.what,
                f"{sign} {claim.gate if quick else claim.bar:.3g}",
                f"{line.ratio:.3f}",
                f"{line.low:.2f} - {line.high:.2f}",
                "met" if line.holds(quick=quick) else "NOT MET",
                line.detail,
            )
        )
    widths = [max(len(row[place]) for row in rows) for place in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def content(bench: Bench) -> dict[str, Any]:
    """Everything that was found, as plain values."""
    return _rounded(
        {
            "machine": machine(),
            "versions": dict(sorted(bench.environments.versions.items())),
            "rounds": bench.rounds,
            "lines": [line.as_dict() for line in bench.lines],
            "skipped": bench.skipped,
            "figures": bench.figures,
        }
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
