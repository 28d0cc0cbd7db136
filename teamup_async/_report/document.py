"""The report of a run as a document: JSON-able, versioned, without secrets. Pure.

Its fields are described in ``docs/run-report.schema.json``; a test compares both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._version import __version__
from .outcome import CODES, last_line, outcome_of
from .words import compared

if TYPE_CHECKING:
    from .._bulk.result import PartResult, PullResult, RowCounts
    from ..stats import Stats

__all__ = ["FORMAT", "Failure", "RunFacts", "brief", "document", "without_passwords"]

FORMAT: Final = 1
"""Version of the document. A field may be added to it; what is there keeps its name and its meaning."""

_PASSWORD: Final = re.compile(r"(?<=://)([^/?#\s:@]*):[^/?#\s@]+@")
_SECRET: Final = re.compile(r"(?i)([?&][a-z_-]*(?:passw|secret|token|credential|sig)[a-z_-]*=)[^&\s'\"]+")
_ADDED: Final = ("requests", "retries", "throttled", "repairs", "bytes")


@attrs.frozen(kw_only=True)
class RunFacts:
    """When a run was, and what it was asked to do.

    `kind` is ``"pull"`` or ``"sync"``, `call` the method or the command line, `target` where rows go, `began` and
    `ended` times with a zone. `resumes`: the same run again goes on where this one stood. `earlier` are runs that the
    target remembers, the oldest first. `notes` are about the whole run.
    """

    kind: str = "pull"
    call: str = ""
    target: str | None = None
    began: datetime | None = None
    ended: datetime | None = None
    interrupted: bool = False
    resumes: bool = True
    earlier: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Failure:
    """Why a run has no result: the name of the error's class, what it says, what to do about it."""

    type: str
    message: str
    advice: str | None = None

    @classmethod
    def stopped(cls) -> Failure:
        """The run was stopped from outside."""
        return cls(
            type="Interrupted",
            message="The run was stopped before it was complete.",
        )


Advise = Callable[["PartResult"], str | None]


def document(
    result: PullResult,
    *,
    failure: Failure | None = None,
    exit_code: int | None = None,
    closing: str | None = None,
    advise: Advise | None = None,
) -> dict[str, Any]:
    """The report of a run.

    * `failure`: why there is no result, or why it is none of the whole run.
    * `exit_code`, `closing`: the exit code and the last line, where the command line has others than follow from
      the result.
    * `advise`: what to do about a part that is incomplete, by default what the part itself says.
    """
    run = result.run
    if failure is None and run.interrupted:
        failure = Failure.stopped()
    parts = [part_of(part, advise) for part in result.parts]
    accounts = list(dict.fromkeys(part.part.account for part in result.parts))
    report: dict[str, Any] = {
        "kind": run.kind,
        "call": without_passwords(run.call),
        "target": None if run.target is None else without_passwords(run.target),
        "began": _moment(run.began),
        "ended": _moment(run.ended),
        "seconds": _seconds(run),
        "rows": result.rows,
        "totals": _totals(parts, result.accounts.values()),
        "accounts": [
            {
                "account": account,
                **_totals(
                    [part for part in parts if part["account"] == account],
                    [result.accounts[account]] if account in result.accounts else (),
                ),
            }
            for account in accounts
        ],
        "parts": parts,
        "notes": [*run.notes, *result.notes],
        "error": None if failure is None else attrs.asdict(failure),
        "resumable": run.resumes and all(part["resumable"] for part in parts if not part["complete"]),
        "earlier": [dict(each) for each in run.earlier],
    }
    outcome = outcome_of(report)
    code = CODES[outcome] if exit_code is None else exit_code
    said = last_line({**report, "outcome": outcome}) if closing is None else closing
    begin = {"format": FORMAT, "version": __version__, "ok": code == 0, "outcome": outcome}
    return {
        **begin,
        "exit_code": code,
        "last_line": said,
        "attention": list(_attention({**report, "outcome": outcome})),
        **report,
    }


def part_of(result: PartResult, advise: Advise | None = None) -> dict[str, Any]:
    """One part of a run."""
    part, stats = result.part, result.stats
    counts = None if result.counts is None else {name: getattr(result.counts, name) for name in _COUNTS}
    return {
        "id": part.id,
        "account": part.account,
        "name": part.name,
        "endpoint": part.endpoint,
        "part": part.to_json(),
        "status": result.state,
        "complete": result.complete,
        "resumable": result.resumable,
        "rows": result.rows,
        "resumed": result.resumed,
        "place": None if result.place is None else without_passwords(result.place),
        "counts": counts,
        "verified": _verified(result.counts),
        "integrity": _integrity(result),
        "seconds": round(result.seconds, 3),
        "waited": round(stats.waited, 3),
        **{name: getattr(stats, name) for name in _ADDED},
        "notes": list(result.notes),
        "reason": result.reason,
        "advice": None if result.error is None else (advise or _own)(result),
    }


_COUNTS: Final = ("new", "changed", "removed", "table", "total")


def _own(result: PartResult) -> str | None:
    return result.advice


def _verified(counts: RowCounts | None) -> dict[str, Any] | None:
    """How the number of rows in a table compares with what TeamUp says."""
    if counts is None:
        return None
    if counts.total is None:
        meaning = "TeamUp gave no total to compare with."
    elif not counts.difference:
        meaning = "The table has as many rows as TeamUp says there are."
    else:
        meaning = f"T{compared(counts)[1:]}."
    return {
        "table": counts.table,
        "total": counts.total,
        "difference": None if counts.total is None else counts.difference,
        "meaning": meaning,
    }


_GO_ON: Final = "Run it again: it goes on where it stood."
_MORE: Final = "Run it again: it goes on with what is missing."
_MISSING: Final = (
    "What came during the run comes with the next one. If the difference stays, read everything again: --full, in "
    "Python full=True."
)
_TOO_MANY: Final = (
    "Rows that were deleted at TeamUp, or no longer match the filters, leave no trace. To remove them, read everything "
    "again: --full, in Python full=True."
)


def _integrity(result: PartResult) -> dict[str, Any]:
    """Whether each row was read exactly once, as far as the walk of this run can tell; None where there was none."""
    checked = result.integrity
    if checked is None:
        return {"exact": None, "steady": None, "unproved": []}
    unproved = list(checked.unproved)
    if checked.doubts:
        unproved.append(f"{checked.doubts:,} moves of rows were let pass.")
    if not checked.finished:
        unproved.append("The walk did not come to its end.")
    return {"exact": checked.exact, "steady": checked.steady, "unproved": unproved}


def _totals(parts: Sequence[Mapping[str, Any]], stats: Iterable[Stats]) -> dict[str, Any]:
    """Sums over parts. `stats` has what clients did besides: they find out what changed, and count."""
    counts = [part["counts"] for part in parts if part["counts"] is not None]
    spent: list[Any] = list(stats)
    done: dict[str, Any] = {
        "parts": len(parts),
        "complete": sum(part["complete"] for part in parts),
        "rows": sum(part["rows"] for part in parts),
        "resumed": sum(part["resumed"] for part in parts),
    }
    for name in ("new", "changed", "removed", "table"):
        done[name] = sum(count[name] for count in counts) if counts else None
    done["waited"] = round(sum([one.waited for one in spent] or [part["waited"] for part in parts]), 3)
    for name in _ADDED:
        done[name] = sum([getattr(one, name) for one in spent] or [part[name] for part in parts])
    return done


def _attention(report: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """What needs a hand: what it is about, why, and what to do."""
    again = report["resumable"]
    if report["error"] is not None:
        yield {
            "about": f"the {report['kind']}",
            "account": None,
            "reason": report["error"]["message"],
            "advice": report["error"]["advice"]
            or (_GO_ON if report["outcome"] == "interrupted" and again else None),
        }
    for part in report["parts"]:
        about = {"about": part["id"], "account": part["account"]}
        verified = part["verified"]
        if part["reason"] is not None:
            advice = part["advice"] or (_MORE if part["resumable"] and again else None)
            yield {**about, "reason": part["reason"], "advice": advice}
        elif verified is not None and verified["difference"]:
            all_again = _MISSING if verified["difference"] > 0 else _TOO_MANY
            yield {**about, "reason": verified["meaning"], "advice": all_again}


def brief(report: Mapping[str, Any]) -> dict[str, Any]:
    """What a target remembers of a run: enough for a trend, and no names of accounts.

    `series` tells apart what is not to be compared: runs of another kind or of other reports.
    """
    totals = report["totals"]
    names = sorted({part["name"] for part in report["parts"]})
    return {
        "series": f"{report['kind']} {' '.join(names)}",
        "began": report["began"],
        "seconds": report["seconds"],
        "outcome": report["outcome"],
        "incomplete": totals["parts"] - totals["complete"],
        "rows": report["rows"],
        **{name: totals[name] for name in ("new", "changed", "removed", "table", "requests", "waited")},
    }


def without_passwords(text: str) -> str:
    """`text` with the passwords of URLs replaced."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text))


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")


def _seconds(run: RunFacts) -> float:
    if run.began is None or run.ended is None:
        return 0.0
    return round((run.ended - run.began).total_seconds(), 3)
