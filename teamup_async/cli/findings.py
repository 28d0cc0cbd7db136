"""What a diagnosis found, for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .tables import counted, draw, plain_console

if TYPE_CHECKING:
    from ..doctor import Diagnosis, Finding

__all__ = ["show"]


def show(
    diagnosis: Diagnosis, *, settings: Mapping[str, str], variable: bool = False, whole: bool = False
) -> None:
    """Print it: what differs from the defaults, and what is open. The `whole` has every field and its evidence.

    `settings` are the fields that are set now, and `variable` says that some are set by ``TEAMUP_DIALECT``.
    """
    console = plain_console()
    states = {state: [one for one in diagnosis.findings if one.state == state] for state in _STATES}
    known = states["found"]
    wrong = [one for one in known if settings.get(one.field, one.value) != one.value]
    differing = [one for one in known if one.field in diagnosis.deviations and one not in wrong]
    asked = counted(diagnosis.requests, "request")
    title = f"{len(known)} of {counted(len(diagnosis.findings), 'unknown')} found, in {asked}."
    console.print(title, style="bold", markup=False)
    if not differing and not wrong:
        console.print("All that was found is the default: there is nothing to set.", markup=False)
    corrected = [attrs.evolve(one, reason=f"not {settings[one.field]}: {one.reason}") for one in wrong]
    _part(console, "Your settings say otherwise:", corrected, whole=whole)
    _part(console, "Not the default:", differing, whole=whole)
    if whole:
        usual = [one for one in known if one not in differing and one not in wrong]
        _part(console, "The default:", usual, whole=True)
    for state, heading in _STATES.items():
        if heading:
            _part(console, heading, states[state], whole=whole)
    if not differing and not wrong:
        return
    console.print()
    console.print("In Python:", style="bold", markup=False)
    console.print(f"  {diagnosis.python}", markup=False, soft_wrap=True)
    console.print("On the command line, in teamup.toml:", style="bold", markup=False)
    console.print("  teamup doctor --save", markup=False)
    if wrong and variable:
        advice = "The variable TEAMUP_DIALECT stands above the file: unset it, or correct it."
        console.print(advice, markup=False, soft_wrap=True)


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
