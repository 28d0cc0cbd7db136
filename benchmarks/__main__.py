"""``python -m benchmarks``: measure everything, print one table, write ``results.json`` and ``results.svg``.

``--quick`` is for CI: no peers, fewer rounds, nothing written, and an exit code: ratios are held against
margins that noise does not cross.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks import chart, report
from benchmarks.environments import DEFAULT_HOME, HERE, OURS, Environments, InstallError
from benchmarks.harness import Bench, ContenderError
from benchmarks.items import ITEMS


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--quick", action="store_true", help="gates for CI: fewer rounds, no peers, wide margins"
    )
    parser.add_argument(
        "--only", choices=list(ITEMS), action="append", help="measure only this (may be repeated)"
    )
    parser.add_argument("--rounds", type=int, help="rounds end to end (default 7; 3 with --quick)")
    parser.add_argument(
        "--environments", type=Path, default=DEFAULT_HOME, help="where virtual environments are kept"
    )
    parser.add_argument(
        "--python", type=Path, help="an interpreter that has the package and orjson, instead of one made"
    )
    parser.add_argument("--out", type=Path, default=HERE, help="folder for results.json and results.svg")
    return parser.parse_args()


def main() -> int:
    options = _options()
    environments = Environments(options.environments, say=_say)
    try:
        ours = options.python or environments.python(OURS)
    except InstallError as failure:
        _say(f"cannot install the package: {failure}")
        return 2
    rounds = options.rounds or (3 if options.quick else 7)
    bench = Bench(environments, ours, options.quick, rounds)
    broken = 0
    for name, item in ITEMS.items():
        if options.only and name not in options.only:
            continue
        started = time.monotonic()
        _say(f"{name} ...")
        try:
            item(bench)
        except ContenderError as failure:
            broken += 1
            bench.skipped[name] = str(failure)
        _say(f"  {time.monotonic() - started:.0f} s")
    print(report.table(bench.lines, quick=options.quick))
    for name, reason in bench.skipped.items():
        print(f"left out: {name}: {reason}")
    met = sum(line.holds(quick=options.quick) for line in bench.lines)
    print(f"{met} of {len(bench.lines)} {'gates hold' if options.quick else 'bars met'}")
    if options.quick:
        return 1 if broken or met < len(bench.lines) else 0
    if not options.only:
        results = report.content(bench)
        path = options.out / "results.json"
        path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        drawing = chart.svg(results["figures"]["end to end"], chart.caption(results))
        path.with_suffix(".svg").write_text(drawing, encoding="utf-8")
        print(f"written: {path} and {path.with_suffix('.svg').name}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
