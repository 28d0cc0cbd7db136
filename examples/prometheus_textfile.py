"""Turn the report of a run into metrics for the textfile collector of Prometheus' node_exporter.

teamup sync attendances --to gym.duckdb --report night.json
python prometheus_textfile.py night.json /var/lib/node_exporter/teamup.prom
"""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

SUMS = {
    "rows": "Rows read.",
    "requests": "Requests sent.",
    "retries": "Tries after the first one of a request.",
    "throttled": "Answers with status 429.",
    "waited": "Seconds lost to the quota.",
}


def metrics(report: dict[str, Any]) -> str:
    """The metrics as text; those of accounts carry the account's name."""
    ended = datetime.fromisoformat(report["ended"]).timestamp()
    lines = [
        "# HELP teamup_run_ok Whether the last run was well.",
        "# TYPE teamup_run_ok gauge",
        f"teamup_run_ok {int(report['ok'])}",
        "# HELP teamup_run_ended_seconds When the last run ended.",
        "# TYPE teamup_run_ended_seconds gauge",
        f"teamup_run_ended_seconds {ended:.0f}",
        "# HELP teamup_run_incomplete Parts that are not complete.",
        "# TYPE teamup_run_incomplete gauge",
    ]
    for account in report["accounts"]:
        missing = account["parts"] - account["complete"]
        lines.append(f'teamup_run_incomplete{{account="{account["account"] or ""}"}} {missing}')
    for name, what in SUMS.items():
        lines += [f"# HELP teamup_run_{name} {what}", f"# TYPE teamup_run_{name} gauge"]
        for account in report["accounts"]:
            lines.append(f'teamup_run_{name}{{account="{account["account"] or ""}"}} {account[name]}')
    return "\n".join(lines) + "\n"


source, target = map(Path, sys.argv[1:3])
part = target.with_suffix(".part")  # the collector must not see half a file
part.write_text(metrics(json.loads(source.read_text(encoding="utf-8"))), encoding="utf-8")
part.replace(target)
