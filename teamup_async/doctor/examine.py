"""A diagnosis: one probe after the other."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import attrs

from ..dialect import unknown_named
from ..logs import about
from .desk import Desk, SpentError, Told
from .diagnosis import Diagnosis, Finding, undecided
from .probes import PROBES
from .probes.access import let_in

if TYPE_CHECKING:
    from .._http.requester import Requester
    from ..config import Settings

__all__ = ["diagnose"]

log = logging.getLogger("teamup_async.doctor")


async def diagnose(
    requester: Requester,
    settings: Settings,
    *,
    quota: bool = False,
    record: str | os.PathLike[str] | None = None,
    told: Told | None = None,
) -> Diagnosis:
    """Find out how the API answers, with at most 40 small requests; with `quota` as many as the quota has.

    `record` is a folder for the answers of all endpoints, in disguise. Raises `RequestError` where nothing is answered,
    or the token is not accepted, and `ConfigurationError` for a folder that can't be written.
    """
    desk = Desk(requester, settings, attrs.evolve(settings.credentials), told=told)
    _tell(desk, "auth_scheme")
    desk.findings["auth_scheme"] = await let_in(desk)
    for probe in PROBES:
        _tell(desk, probe.fields[0])
        try:
            findings = await probe.run(desk)
        except SpentError:  # probes that come later may know enough from the answers that came
            why = f"the {desk.most} requests that a diagnosis may send were spent"
            findings = [undecided(field, why) for field in probe.fields]
        desk.findings.update({finding.field: finding for finding in findings})
        for finding in findings:
            _log(settings.account, finding)
    if quota:
        from .quota import provoke

        _tell(desk, "retry_after")
        desk.findings["retry_after"] = await provoke(desk)
    diagnosis = Diagnosis.of(desk.findings.values(), desk.sent)
    if record is not None:
        from .record import record as write_down

        await write_down(desk, diagnosis, record, told)
    return diagnosis


def _log(account: str, finding: Finding) -> None:
    told = about(
        account, field=finding.field, state=finding.state, value=finding.value, reason=finding.reason
    )
    what = finding.value if finding.value is not None else finding.state
    log.info("%s: %s: %s (%s)", account, finding.field, what, finding.reason, extra=told)


def _tell(desk: Desk, field: str) -> None:
    if desk.told is not None:
        desk.told(desk.sent, unknown_named(field).question)
