"""Tell a webhook what needs a hand, and a monitoring service that the run took place. Needs nothing installed.

    teamup sync attendances --to gym.duckdb --report night.json
    python alert.py night.json

`WEBHOOK_URL` takes JSON with a "text", as Slack, Mattermost and Teams do; where all is well, nothing is posted.
`PING_URL` is called after every run, with /fail behind it where something is wrong, as healthchecks.io does.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen


def message(report: dict[str, Any]) -> str:
    """What needs a hand, in lines."""
    lines = [f"TeamUp {report['kind']} into {report['target']}: {report['last_line']}"]
    for each in report["attention"][:20]:  # chats cut long messages
        lines.append(f"* {each['about']}: {each['reason']}")
        if each["advice"]:
            lines.append(f"  What to do: {each['advice']}")
    return "\n".join(lines)


def send(url: str, body: dict[str, Any] | None = None) -> None:
    """Call a URL; raises an error where it does not take the call."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=30):
        pass


report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
if report["attention"] and "WEBHOOK_URL" in os.environ:
    send(os.environ["WEBHOOK_URL"], {"text": message(report)})
if "PING_URL" in os.environ:
    send(os.environ["PING_URL"] + ("" if report["ok"] else "/fail"))
print(message(report))
