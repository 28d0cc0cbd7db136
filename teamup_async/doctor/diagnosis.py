"""What a diagnosis found: a finding for each unknown, and the dialect that they make. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs

from .._version import __version__
from ..dialect import UNKNOWNS, Dialect

__all__ = ["Diagnosis", "Finding", "State", "found", "skipped", "undecided"]

State = Literal["found", "undecided", "skipped"]


@attrs.frozen
class Finding:
    """What was found out about one field of the `Dialect`.

    `value` is its value where it was found. `reason` says why in words, and `evidence` names the requests that show
    it, without data of customers.
    """

    field: str
    state: State
    value: str | None = None
    reason: str = ""
    evidence: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The finding as JSON."""
        return attrs.asdict(self)


def found(field: str, value: str, reason: str, *evidence: object) -> Finding:
    """A field whose value is known; the `evidence` are the answers that show it."""
    return Finding(field, "found", value, reason, tuple(map(str, evidence)))


def undecided(field: str, reason: str, *evidence: object) -> Finding:
    """A field that this account's data, or its answers, leave open."""
    return Finding(field, "undecided", None, reason, tuple(map(str, evidence)))


def skipped(field: str, reason: str) -> Finding:
    """A field that was not asked about."""
    return Finding(field, "skipped", None, reason)


@attrs.frozen
class Diagnosis:
    """How an account's API answers where the documents are silent.

    `findings` has one for each field of the `Dialect`, in its order; `requests` is how many were sent. Nothing in it
    is data of customers, and no token.
    """

    findings: tuple[Finding, ...]
    requests: int

    @classmethod
    def of(cls, findings: Iterable[Finding], requests: int) -> Diagnosis:
        """The diagnosis with these findings, in order; what nobody found out is undecided."""
        known = {finding.field: finding for finding in findings}
        missing = "nothing was asked that would show it"
        return cls(tuple(known.get(one.name) or undecided(one.name, missing) for one in UNKNOWNS), requests)

    @property
    def dialect(self) -> Dialect:
        """The dialect that was found; what was not has its default."""
        return Dialect.from_settings(self.found)

    @property
    def found(self) -> Mapping[str, str]:
        """The values that were found, by field."""
        return {one.field: one.value for one in self.findings if one.value is not None}

    @property
    def deviations(self) -> Mapping[str, str]:
        """Those among them that are not the default."""
        return self.dialect.deviations()

    def finding(self, field: str) -> Finding:
        """The finding about a field. Raises KeyError."""
        return {one.field: one for one in self.findings}[field]

    @property
    def python(self) -> str:
        """The line of Python that makes a client of this dialect."""
        fields = ", ".join(f'{name}="{value}"' for name, value in self.deviations.items())
        return f"TeamUp(dialect=Dialect({fields}))"

    def to_json(self) -> dict[str, Any]:
        """The diagnosis as JSON."""
        return {
            "version": __version__,
            "requests": self.requests,
            "dialect": dict(self.deviations),
            "findings": [one.to_json() for one in self.findings],
        }

    def report(self) -> str:
        """The diagnosis as Markdown, to be attached to an issue."""
        lines = [
            "# How this TeamUp answers",
            "",
            f"Found by `teamup doctor` {__version__} in {self.requests} requests. Nothing in it is secret or personal.",
            "",
            f"    {self.python}",
            "",
            "| unknown | answer | why |",
            "|---|---|---|",
        ]
        for one in self.findings:
            answer = f"`{one.value}`" if one.value else one.state
            if one.field in self.deviations:
                answer += " (not the default)"
            lines.append(f"| `{one.field}` | {answer} | {_cell(one.reason)} |")
        lines += ["", "## Evidence", ""]
        for one in self.findings:
            if one.evidence:
                lines.append(f"* `{one.field}`")
                lines += [f"  * {_cell(text)}" for text in one.evidence]
        return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
