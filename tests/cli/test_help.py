"""Help: every command has it, every option of a report comes from its declaration, and a new endpoint gets both."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import attrs
import pytest

from teamup_async.cli.values import option_name
from teamup_async.endpoint import Endpoint
from teamup_async.query import Query, limits
from teamup_async.sandbox import Sandbox
from tests.endpoints import TYPICAL

COMMANDS = ("reports", "check", "count", "pull", "demo", "sandbox")


@attrs.frozen(slots=False)
class GiftCard:
    id: int | None = None
    code: str | None = None
    purchased_at: datetime | None = None


@attrs.frozen(kw_only=True)
class GiftCardsQuery(Query[GiftCard]):
    columns: Sequence[Literal["id", "code", "purchased_at"]] | None = attrs.field(
        default=None, metadata=limits("Columns to return.")
    )
    id_gt: int | None = None
    sort: Sequence[str] | None = None
    status: Literal["delivered", "redeemed"] | None = attrs.field(
        default=None, metadata=limits("Only cards in this state.")
    )


GIFT_CARDS = Endpoint(
    name="vouchers",
    title="Gift Cards Report - Data",
    path="/reports/vouchers/data",
    query=GiftCardsQuery,
    row=GiftCard,
)
SIX = (*TYPICAL, GIFT_CARDS)


def flat(text: str) -> str:
    """Help without its frames and line ends."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]], ids=str)
def test_overview(teamup: Any, arguments: list[str]) -> None:
    """`teamup` alone and with --help lists the commands."""
    ran = teamup(*arguments)
    assert (ran.code, ran.err) == (0, "")
    for name in COMMANDS:
        assert f" {name} " in flat(ran.out)
    assert "TEAMUP_TOKEN" in ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_command(teamup: Any, name: str) -> None:
    """Every command explains itself, and repeats what the overview says about it."""
    ran = teamup(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"teamup {name}" in ran.out
    assert len(flat(ran.out)) > 100


@pytest.mark.parametrize("command", ["pull", "count"])
@pytest.mark.parametrize("endpoint", TYPICAL, ids=lambda endpoint: endpoint.name)
def test_report(teamup: Any, command: str, endpoint: Endpoint[..., Any]) -> None:
    """The help of a report has every filter, with its description and what it allows, and the shared options."""
    ran = teamup(command, endpoint.command_name, "--help")
    assert ran.code == 0
    text = flat(ran.out)
    assert endpoint.path in text
    for parameter in endpoint.filters:
        assert f" {option_name(parameter.name)} " in text
        assert flat(parameter.description) in text
        if parameter.name != "columns":
            for value in parameter.enum:
                assert value in text
    for path in set(endpoint.columns) & set(endpoint.paths):
        assert path in text.replace(" ", "") or path in text
    for option in (
        "--token",
        "--provider-id",
        "--mode",
        "--auth-scheme",
        "--base-url",
        "--rate",
        "--timezone",
        "-q",
    ):
        assert option in text
    for variable in ("TEAMUP_TOKEN", "TEAMUP_PROVIDER_ID", "TEAMUP_REQUEST_MODE", "TEAMUP_AUTH_SCHEME"):
        assert f"[env: {variable}]" in text


def test_required(teamup: Any) -> None:
    """A required filter says so in its help, also where it is required for one of several reports only."""
    assert "--columns TEXT Required. " in flat(teamup("pull", "attendance-strikes.grouped", "--help").out)
    both = flat(teamup("pull", "attendances", "attendance-strikes.grouped", "--help").out)
    assert "attendance-strikes.grouped: Required." in both
    assert "attendances: Required." not in both


def test_version(teamup: Any) -> None:
    """--version prints the version and nothing else."""
    from teamup_async import __version__

    assert teamup("--version").out == f"{__version__}\n"


@pytest.mark.parametrize(
    "name", ["attendance_strikes.grouped", "attendance_strikes_grouped", "attendance-strikes-grouped"]
)
def test_spellings(teamup: Any, name: str) -> None:
    """Dashes, underscores and dots in the name of a report are alike."""
    ran = teamup("count", name, "--columns", "status")
    assert ran.code == 0
    assert int(ran.out) > 0


def test_sixth_endpoint_help(teamup: Any) -> None:
    """A declared endpoint gets its commands, options and help without another line anywhere."""
    text = flat(teamup("pull", "vouchers", "--help", endpoints=SIX).out)
    for part in (
        "GET /reports/vouchers/data",
        "--status",
        "Only cards in this state.",
        "delivered, redeemed",
        "--id-gt",
    ):
        assert part in text
    assert "vouchers" in teamup("reports", endpoints=SIX).out
    assert "purchased_at" in teamup("reports", "vouchers", endpoints=SIX).out
    ran = teamup("pull", "vouchers", "--status", "deliverd", endpoints=SIX)
    assert ran.code == 2
    assert "did you mean 'delivered'" in ran.err


def test_sixth_endpoint_pulled(teamup: Any, environment: pytest.MonkeyPatch) -> None:
    """It can be counted and pulled, also by the demo."""
    with Sandbox.in_thread(rows=120, rate=None, endpoints=SIX) as sandbox:
        environment.setenv("TEAMUP_BASE_URL", sandbox.url)
        environment.setenv("TEAMUP_TOKEN", sandbox.token)
        assert teamup("count", "vouchers", endpoints=SIX).out == "120\n"
        ran = teamup("pull", "vouchers", "--columns", "id,code", "--format", "csv", endpoints=SIX)
    assert ran.lines[0] == "id,code"
    assert len(ran.lines) == 121
    demo = teamup("demo", "--all", "--rows", "50", endpoints=SIX)
    assert demo.code == 0
    assert "\nvouchers\n50 rows" in demo.out


def test_an_option_means_one_thing() -> None:
    """No command has two options of one name: the second could never be given."""
    from teamup_async.cli.app import COMMANDS, build_app

    app = build_app(["--install-completion"])
    for command in COMMANDS:
        found = app[command].assemble_argument_collection()
        names = [name for argument in found for name in argument.names if name.startswith("-")]
        assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("command", ["pull", "sync"])
def test_no_default_that_says_nothing(teamup: Any, command: str) -> None:
    """Help shows defaults that tell something: not that a switch is off, or that no name was given."""
    text = flat(teamup(command, "--help").out)
    assert "[default: dotted]" in text
    assert "[default: False]" not in text
    assert "[default: ()]" not in text
