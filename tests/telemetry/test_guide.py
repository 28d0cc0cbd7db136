"""The tables of docs/telemetry.md name what there is: every number, metric and attribute, and no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from teamup_async import TeamUp
from teamup_async.sandbox import faults
from teamup_async.stats import Stats
from teamup_async.telemetry.naming import METRICS
from tests.http.clock import Simulated

GUIDE = (Path(__file__).parents[2] / "docs" / "telemetry.md").read_text(encoding="utf-8")


def table(first: str) -> list[list[str]]:
    """The cells of the table whose first column has that heading."""
    lines = GUIDE.partition(f"| {first} |")[2].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]


def test_numbers():
    """The first table has a line for each number of `Stats`, with its metric and unit."""
    told = {row[0].strip("`"): (*re.findall(r"`([^`]*)`", f"{row[1]} {row[2]}"),) for row in table("`Stats`")}

    assert told == {name: METRICS[name][:2] if name in METRICS else () for name in Stats().to_json()}


async def test_attributes(sandbox, collected, tmp_path):
    """The table of attributes has all that spans and events were seen with, and names nothing else."""
    sandbox.faults.script(faults.status(503), None, faults.throttled("1"))
    clock = Simulated()
    async with TeamUp(
        base_url=sandbox.url,
        token=sandbox.token,
        rate=None,
        clock=clock,
        trace_configs=[clock.tracing()],
        telemetry=collected.telemetry,
    ) as teamup:
        await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path}")

    seen: set[Any] = set()
    for span in collected.spans:
        seen |= set(span.attributes or {})
        seen |= {name for event in span.events for name in event.attributes or {}}
    assert {name for row in table("attribute") for name in re.findall(r"`([\w.]+)`", row[0])} == seen


async def test_spans(sandbox, collected, tmp_path):
    """Each line of the table of spans is about spans that there are."""
    clock = Simulated()
    async with TeamUp(
        base_url=sandbox.url,
        token=sandbox.token,
        rate=None,
        clock=clock,
        trace_configs=[clock.tracing()],
        telemetry=collected.telemetry,
    ) as teamup:
        await teamup.sync({"attendances": {}}, into=f"sqlite:{tmp_path / 'gym.db'}")
        await teamup.pull({"attendances": {}}, into=f"jsonl:{tmp_path / 'rows'}")
        await teamup.diagnose()
        job = await teamup.reports.attendances().export()
        await job.wait()
        await job.download(tmp_path / "rows.csv")

    names = [
        re.sub(r" ?(\.\.\.|<.*>)", "", name)
        for row in table("span")
        for name in re.findall("`(.*?)`", row[0])
    ]
    kinds = {span.name: span.kind.name.lower() for span in collected.spans}
    for name, kind in ((name, row[1]) for row in table("span") for name in re.findall("`(.*?)`", row[0])):
        begins = re.sub(r" ?(\.\.\.|<.*>)", "", name)
        assert kind in {of for span, of in kinds.items() if span.split(" ")[0] == begins.split(" ")[0]}, name
    assert [
        name
        for name in kinds
        if not any(name.startswith(begins) for begins in (*names, "prepare", "part", "finish", "POST"))
    ] == []
