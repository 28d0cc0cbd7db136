"""What a diagnosis found, for a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .tables import counted, draw, plain_console

if TYPE_CHECKING:
    from ..doctor import Diagnosis, Finding

__all__ = ["show"]


def show(diagnosis: Diagnosis, *, whole: bool = False) -> None:
    """Print it: what differs from the defaults, and what is open. The `whole` has every field and its evidence."""
    console = plain_console()
    states = {state: [one for one in diagnosis.findings if one.state == state] for state in _STATES}
    known, differing = states["found"], [one for one in states["found"] if one.field in diagnosis.deviations]
    asked = counted(diagnosis.requests, "request")
    title = f"{len(known)} of {counted(len(diagnosis.findings), 'unknown')} found, in {asked}."
    console.print(title, style="bold", markup=False)
    if not differing:
        console.print("All that was found is as this package expects it.", markup=False)
    _part(console, "Not the default:", differing, whole=whole)
    if whole:
        _part(console, "The default:", [one for one in known if one not in differing], whole=True)
    for state, heading in _STATES.items():
        if heading:
            _part(console, heading, states[state], whole=whole)
    console.print()
    if differing:
        console.print("In Python:", style="bold", markup=False)
        console.print(f"  {diagnosis.python}", markup=False, soft_wrap=True)
        console.print("On the command line, in teamup.toml:", style="bold", markup=False)
        console.print("  teamup doctor --save", markup=False)
    else:
        console.print("There is nothing to set.", markup=False)


_STATES = {"found": "", "undecided": "Can't be decided with this account:", "skipped": "Not asked:"}


def _part(console: Console, heading: str, findings: Sequence[Finding], *, whole: bool) -> None:
    if not findings:
        return
    console.print()
    console.print(heading, style="bold", markup=False)
    if whole:
        for one in findings:
            value = f"  {one.value}" if one.value else ""
            console.print(f"  {one.field}{value}  {one.reason}", markup=False, soft_wrap=True)
            for line in one.evidence:
                console.print(f"      {line}", markup=False, style="dim", soft_wrap=True)
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    if any(one.value for one in findings):
        table.add_column(overflow="fold", style="dim")
    for one in findings:
        cells = [one.value, one.reason] if one.value else [one.reason]
        table.add_row(f"  {escape(one.field)}", *(escape(cell) for cell in cells))
    draw(console, table)
