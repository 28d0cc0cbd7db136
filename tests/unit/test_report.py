"""The report of a run as a document: what came of it, in fields, in an exit code and in a sentence."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from teamup_async import Integrity, Stats
from teamup_async._report.document import FORMAT, Failure, brief, document, without_passwords
from teamup_async._report.outcome import CODES, headline
from teamup_async.bulk import CheckpointError, PullResult
from teamup_async.errors import ConfigurationError, PermissionDeniedError, TeamUpError
from tests.unit.reporting import OUTCOMES, REFUSED, counts, earlier, failed, part, result

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "run-report.schema.json").read_text("utf-8"))
valid = fastjsonschema.compile(SCHEMA)


@pytest.mark.parametrize(
    ("name", "made", "first", "last"), [(name, *each) for name, each in OUTCOMES.items()]
)
def test_outcome(name: str, made: PullResult, first: str, last: str) -> None:
    """Each outcome has its word, its exit code, its sentence for a page and its last line, which agree."""
    report = made.to_json()
    words = {"pull": "complete", "nothing": "incomplete", "refused again": "incomplete"}
    word = "incomplete" if name.startswith("incomplete ") else words.get(name, name)

    valid(report)
    assert report["format"] == FORMAT == 1
    assert report["outcome"] == word
    assert report["exit_code"] == CODES[word]
    assert report["ok"] is (CODES[word] == 0)
    assert headline(report) == first
    assert report["last_line"] == last
    assert bool(report["attention"]) is (word not in ("complete", "unchanged"))
    assert json.loads(json.dumps(report)) == report


def test_failure_without_a_result() -> None:
    """Where a run failed before it began, the report says why; its words and code come from who knows them."""
    failure = Failure(type="ConfigurationError", message="no token", advice="Set TEAMUP_TOKEN.")
    known = document(
        result(target=None, began=None), failure=failure, exit_code=2, closing="Set TEAMUP_TOKEN."
    )
    plain = document(PullResult(()), failure=failure)
    late = document(result(part()), failure=failure)

    for report in (known, plain, late):
        valid(report)
        assert report["outcome"] == "failed"
        assert report["attention"][0]["reason"] == "no token"
    assert (known["exit_code"], known["last_line"], known["seconds"]) == (2, "Set TEAMUP_TOKEN.", 0.0)
    assert (plain["exit_code"], plain["last_line"], plain["began"]) == (1, "no token", None)
    assert headline(plain) == "The run failed before it could read anything."
    assert headline(late) == "The run failed."


def test_stopped_before_it_began() -> None:
    """A run that is stopped before it knows its parts says so."""
    report = document(result(), failure=Failure.stopped(), exit_code=143)
    valid(report)
    assert report["exit_code"] == 143
    assert report["last_line"].startswith("stopped after 0 rows, nothing was begun.")


@pytest.mark.parametrize(
    ("total", "difference", "says", "advice"),
    [
        (5, 0, "as many rows as TeamUp says", None),
        (None, None, "gave no total", None),
        (7, 2, "has 5 rows, and TeamUp says 7: 2 missing", "comes with the next one"),
        (2, -3, "has 5 rows, and TeamUp says 2: 3 too many", "--full"),
    ],
)
def test_verified(total: int | None, difference: int | None, says: str, advice: str | None) -> None:
    """A table is compared with TeamUp's total; what a difference means stands there, and what to do about it."""
    report = result(part(counts=counts(total=total))).to_json()
    verified = report["parts"][0]["verified"]

    valid(report)
    assert (verified["total"], verified["difference"]) == (total, difference)
    assert says in verified["meaning"]
    assert [each["about"] for each in report["attention"]] == ["attendances"] * bool(difference)
    assert all(advice in each["advice"] for each in report["attention"])


def test_integrity() -> None:
    """What a walk proved is told; where this run read nothing, nothing is claimed."""
    doubted = Integrity(finished=True, doubts=2, unproved=("The order can't be checked.",))
    report = result(part(), part("customers", integrity=None), part("events", integrity=doubted)).to_json()
    broken = result(failed(TeamUpError("no"))).to_json()

    assert [each["integrity"]["exact"] for each in report["parts"]] == [True, None, False]
    assert report["parts"][2]["integrity"]["unproved"] == [
        "The order can't be checked.",
        "2 moves of rows were let pass.",
    ]
    assert broken["parts"][0]["integrity"] == {
        "exact": False,
        "steady": False,
        "unproved": ["The walk did not come to its end."],
    }


def test_totals_and_accounts() -> None:
    """Sums are there for the run and for each account, with the requests that no part has."""
    spent = {
        "north": Stats(requests=5, waited=1.5, retries=1, throttled=2),
        "south": Stats(requests=7, repairs=1),
    }
    report = result(
        part(account="north", counts=counts(new=3)),
        part(account="south", counts=counts(new=4, table=9, total=9)),
        failed(REFUSED, "customers", account="south"),
        accounts=spent,
    ).to_json()
    without = result(part(account="north"), part(account="south")).to_json()

    valid(report)
    assert report["totals"]["requests"] == 12
    assert (report["totals"]["new"], report["totals"]["table"]) == (7, 14)
    assert [
        (one["account"], one["parts"], one["complete"], one["requests"], one["waited"], one["throttled"])
        for one in report["accounts"]
    ] == [("north", 1, 1, 5, 1.5, 2), ("south", 2, 1, 7, 0.0, 0)]
    assert [one["requests"] for one in without["accounts"]] == [2, 2]
    assert without["totals"]["waited"] == 6.0


@pytest.mark.parametrize(
    ("error", "account", "says"),
    [
        (REFUSED, None, "TeamUp does not accept the token:"),
        (
            PermissionDeniedError("403", status=403),
            "north",
            "the token of account 'north'",
        ),
        (TeamUpError("odd"), None, "Run it again"),
        (CheckpointError("another account"), None, None),
    ],
)
def test_advice(error: Exception, account: str | None, says: str | None) -> None:
    """What needs a hand comes with what to do; where the same run would be refused again, that is not advised."""
    [needs] = result(failed(error, account=account)).to_json()["attention"]

    assert needs["reason"] == f"{type(error).__name__}: {error}"
    assert needs["account"] == account
    assert (needs["advice"] is None) if says is None else (says in needs["advice"])


def test_advice_from_elsewhere() -> None:
    """The command line knows what was done, and says better what to do."""
    report = document(result(failed(ConfigurationError("x"))), advise=lambda part: f"See {part.part.name}.")
    assert report["parts"][0]["advice"] == report["attention"][0]["advice"] == "See attendances."


def test_part_alone() -> None:
    """A part by itself is what it is in the report."""
    made = result(part(notes=("a column is new",), resumed=2))
    report = made.to_json()
    assert made.parts[0].to_json() == report["parts"][0]
    assert report["notes"] == ["attendances: a column is new"]


def test_no_passwords() -> None:
    """Passwords of URLs are in no field: not of the target, not of the command, not of a place."""
    url = "postgres://me:hunter2@db.example/gym"
    made = result(
        part(place=f"{url} table x"), target=url, call=f"teamup sync x --to {url} --quota-redis redis://:s3@h"
    )
    text = json.dumps(made.to_json())

    assert "hunter2" not in text
    assert ":s3@" not in text
    assert without_passwords(url) == "postgres://me:***@db.example/gym"
    assert without_passwords("a postgres://me@h/d?password=x%20y&sslmode=no b") == (
        "a postgres://me@h/d?password=***&sslmode=no b"
    )
    assert without_passwords("duckdb:gym.duckdb https://h:80/a@b") == "duckdb:gym.duckdb https://h:80/a@b"


def test_times() -> None:
    """Times have their zone, and seconds are between them."""
    report = result(part()).to_json()
    assert (report["began"], report["ended"]) == ("2026-03-07T02:00:03+01:00", "2026-03-07T02:04:10+01:00")
    assert report["seconds"] == timedelta(minutes=4, seconds=7).total_seconds()


def test_brief() -> None:
    """What is remembered of a run is small, names no account, and tells its series by kind and reports."""
    small = brief(
        result(part(account="north"), part(account="south"), failed(REFUSED, "customers")).to_json()
    )
    assert small["series"] == "sync attendances customers"
    assert (small["outcome"], small["incomplete"]) == ("incomplete", 1)
    assert "north" not in json.dumps(small)
    assert set(small) == set(earlier(1)[0])


def fields(schema: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Every field of a schema by its dotted path, with its description."""
    found: dict[str, str] = {}
    for name, inner in schema.get("properties", {}).items():
        found[prefix + name] = inner["description"]
        found |= fields(inner, f"{prefix}{name}.") | fields(inner.get("items", {}), f"{prefix}{name}[].")
    return found


def test_fields_are_described() -> None:
    """docs/run-reports.md names every field of the document, as the schema describes it, and no other."""
    page = (DOCS / "run-reports.md").read_text("utf-8").partition("## The fields")[2]
    told = dict(re.findall(r"^\| `([\w.\[\]]+)` \| (.+) \|$", page, re.MULTILINE))
    sums = {f"accounts[].{name}" for name in SCHEMA["properties"]["totals"]["properties"]}
    assert told == {path: said for path, said in fields(SCHEMA).items() if path not in sums}


def test_outcomes_are_described() -> None:
    """docs/run-reports.md has a line for every outcome, with its exit code."""
    page = (DOCS / "run-reports.md").read_text("utf-8")
    told = {
        word: int(code)
        for word, code in re.findall(r"^\| `(\w+)` \| (\d+)[^|]* \| .+ \|$", page, re.MULTILINE)
    }
    assert told == dict(CODES)
