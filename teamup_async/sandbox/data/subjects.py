"""Which subject an endpoint is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..._memo import memo
from ...endpoint import Endpoint
from .clock import NOW
from .list_subjects import LISTS
from .report_subjects import REPORTS
from .subject import Subject

SUBJECTS: Final[Mapping[str, Subject]] = {
    **{f"reports.{name}": subject for name, subject in REPORTS.items()},
    **{f"reports.{name}.grouped": subject for name, subject in REPORTS.items()},
    **{f"lists.{name}": subject for name, subject in LISTS.items()},
}
"""By `Endpoint.full_name`."""


@memo
def served_from(endpoint: Endpoint[..., Any]) -> Subject | None:
    """What an endpoint reads; None where the tables do not have every column of its rows."""
    subject = SUBJECTS.get(endpoint.full_name)
    if subject is None or not endpoint.envelope.headed:
        return subject
    paths = subject.paths(NOW, "gbp")
    known = all(path in subject.measures or path == "count" or paths.knows(path) for path in endpoint.paths)
    return subject if known else None
