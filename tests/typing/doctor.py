"""What type checkers know of the configuration file and the doctor."""

from typing import assert_type

from teamup_async import TeamUp
from teamup_async.dialect import Dialect
from teamup_async.doctor import Diagnosis, Finding


async def diagnosed() -> None:
    """A client from a file is a client; a diagnosis has findings and a dialect."""
    teamup = TeamUp.from_config("north", path="teamup.toml", rate=100)
    assert_type(teamup, TeamUp)
    diagnosis = await teamup.diagnose(told=print)
    assert_type(diagnosis, Diagnosis)
    assert_type(diagnosis.dialect, Dialect)
    assert_type(diagnosis.finding("arrays"), Finding)
    assert_type(diagnosis.finding("arrays").value, str | None)
