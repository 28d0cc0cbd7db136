"""CONTRIBUTING.md's recipe for a new endpoint, followed: one declaration gives everything there is to get."""

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest

from teamup_async import ENDPOINTS, QueryError, Reports, TeamUp, endpoint_named
from teamup_async.cli.running import run
from teamup_async.methods import Method
from teamup_async.sandbox import Sandbox
from tests.docs import generator
from tests.facts.compare import DOCUMENTED, RowComparison, endpoint_problems

OTHERS = tuple(endpoint for endpoint in ENDPOINTS if endpoint.name != "waiver_signatures")
"""The world before the recipe was followed."""
RECIPE = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The one new file of the recipe, as it stands there."""
    code = re.search(
        r"^```python\n(.*?)^```$", RECIPE.partition("## A new endpoint")[2], re.DOTALL | re.MULTILINE
    )
    assert code
    path = tmp_path_factory.mktemp("recipe") / "waiver_signatures.py"
    path.write_text(code[1], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("recipe_waiver_signatures", path)
    assert spec
    assert spec.loader
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def sixth(declared: ModuleType) -> Any:
    """The endpoint that the recipe declares."""
    return declared.WAIVER_SIGNATURES


@pytest.fixture(scope="module")
def sandbox(sixth: Any) -> Iterator[Sandbox]:
    """A sandbox that serves it beside the others."""
    with Sandbox.in_thread(rows=250, rate=None, endpoints=(*OTHERS, sixth)) as running:
        yield running


@pytest.fixture
def teamup(sandbox: Sandbox) -> TeamUp:
    """A client of that sandbox, not yet opened."""
    return TeamUp(base_url=sandbox.url, token=sandbox.token)


def test_few_lines(declared: ModuleType) -> None:
    """The declaration is one file of less than a hundred lines, and half of those name what the document names."""
    source = Path(declared.__file__ or "").read_text(encoding="utf-8")

    assert len(source.splitlines()) < 100
    assert declared.__all__ == ["WAIVER_SIGNATURES", "WaiverSignature", "WaiverSignaturesQuery"]


def test_facts(sixth: Any) -> None:
    """The recipe's example is a real endpoint, declared as its document says."""
    fact = DOCUMENTED["waiver_signatures"]

    assert endpoint_problems(sixth, fact) == []
    assert RowComparison("", fact).problems(sixth.row, fact["row_fields"]) == []


async def test_walk(sixth: Any, declared: ModuleType, teamup: TeamUp) -> None:
    """It is walked at once: rows of its class, pages, a count."""
    async with teamup:
        stream = teamup.stream(sixth, columns=["customer_name", "signed_at"])
        rows = await stream.collect()
        pages = [page async for page in stream.paged(size=50).pages()]
        count = await stream.count()

    assert len(rows) == count == sum(len(page) for page in pages) > 50
    assert {type(row) for row in rows} == {declared.WaiverSignature}
    assert all(row.customer.name and row.customer.id is None and row.download_url is None for row in rows)
    assert pages[0].columns == ("customer.name", "signed_at")


async def test_method(sixth: Any, declared: ModuleType, teamup: TeamUp) -> None:
    """One line in `Reports` makes it a method of the client."""

    class Extended(Reports):
        waiver_signatures = Method(lambda: sixth)

    async with teamup:
        first = await Extended(teamup).waiver_signatures().first()

    assert type(first) is declared.WaiverSignature


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"columns": ["waiver.nmae"]}, r"columns does not know 'waiver.nmae'; did you mean 'waiver.name'\?"),
        ({"waivers": ["1"]}, "waivers must be a whole number, not '1'"),
        ({"sort": ["signed"]}, r"sort does not know 'signed'; did you mean 'signed_at'\?"),
    ],
)
async def test_checked_here(sixth: Any, teamup: TeamUp, query: dict[str, Any], message: str) -> None:
    """Its parameters are checked before anything is sent."""
    async with teamup:
        with pytest.raises(QueryError, match=message):
            teamup.stream(sixth, **query)


async def test_checked_there(sixth: Any, sandbox: Sandbox) -> None:
    """The sandbox checks its parameters too, with the documented error."""
    headers = {"Authorization": f"Token {sandbox.token}"}
    bad = {
        "format": "json",
        "columns": "nonsense",
        "waivers": "one",
        "signed_at_gte": "yesterday",
        "page_size": "101",
    }
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{sandbox.url}{sixth.path}", params=bad) as answer,
    ):
        body = await answer.json()

    assert answer.status == 400
    assert body["type"] == "invalid_request_error"
    assert set(body["field_errors"]) == set(bad) - {"format"}


def test_command_line(sixth: Any, sandbox: Sandbox, monkeypatch: Any, capsys: Any) -> None:
    """The command line has it: listed, described, counted and pulled, with an option for each filter."""
    six = (*OTHERS, sixth)
    monkeypatch.setenv("TEAMUP_BASE_URL", sandbox.url)
    monkeypatch.setenv("TEAMUP_TOKEN", sandbox.token)
    monkeypatch.setenv("COLUMNS", "200")

    assert run(["reports"], endpoints=six) == 0
    assert "waiver-signatures" in capsys.readouterr().out
    assert run(["pull", "waiver-signatures", "--help"], endpoints=six) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for parameter in sixth.filters:
        assert f"--{parameter.name.replace('_', '-')} " in shown
        assert parameter.description.partition(" (")[0] in shown
    assert run(["count", "waiver-signatures"], endpoints=six) == 0
    count = int(re.search(r"\d[\d,]*", capsys.readouterr().out)[0].replace(",", ""))
    assert run(["pull", "waiver-signatures", "--columns", "waiver.name,signed_at"], endpoints=six) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == count
    assert run(["pull", "waiver-signatures", "--columns", "waiver.nam"], endpoints=six) == 2
    assert "did you mean 'waiver.name'?" in capsys.readouterr().err


def test_reference(sixth: Any) -> None:
    """The reference has a line for it, and a chapter with each parameter and column."""
    assert (
        "| [`waiver_signatures`](reference/reports/waiver_signatures.md) |"
        " `teamup.reports.waiver_signatures(...)` | `teamup pull waiver-signatures` |"
        " offset, page | optional | no | 8 | 7 |"
    ) in generator().overview((*OTHERS, sixth))
    assert "| `signed_at_gte` | date-time |  | Only signed at or after this time. |" in generator().reference(
        [sixth]
    )
    assert "| `waiver.name` | string | `waiver_name`, `waiver.name` |  |" in generator().reference([sixth])


def test_named(sixth: Any) -> None:
    """It is found by name among the others, and is not one of them until it is added."""
    assert endpoint_named("waiver-signatures", (*OTHERS, sixth)) is sixth
    with pytest.raises(QueryError, match="There is no report or list called"):
        endpoint_named("waiver-signatures", OTHERS)
