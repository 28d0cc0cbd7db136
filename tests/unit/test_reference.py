"""The reference tables, and the command that keeps them up to date."""

import re
import subprocess
import sys

import attrs
import pytest

from teamup_async import Reports, TeamUp, lists, reports
from teamup_async.endpoints import ENDPOINTS
from teamup_async.lists.course_sessions import COURSE_SESSIONS
from teamup_async.methods import Lists
from tests.docs import ROOT, generator
from tests.endpoints import TYPICAL
from tests.facts.lists import documented
from tests.facts.test_declarations import COMPARED

docs = generator()
main, overview, reference, update = docs.main, docs.overview, docs.reference, docs.update
EMPTY = "before\n<!-- reference:endpoints -->\n<!-- /reference -->\nafter\n"
HINT = "run: python docs/reference.py --write"


def cells(table: str) -> list[list[str]]:
    """The cells of each line of a table, without head and rule."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def test_up_to_date():
    """The committed tables and pages are those that the declarations make, and no page is left over.

    In a process of its own: typing keeps the first of two unions that differ in order alone, so the order of values
    depends on what was loaded before.
    """
    command = [sys.executable, str(ROOT / "docs" / "reference.py"), "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout


def test_pages():
    """Each file of declarations has its page, with a chapter for each endpoint that it declares."""
    made = docs.pages()
    chapters = [name for text in made.values() for name in re.findall(r"^## (\S+)$", text, re.MULTILINE)]

    assert sorted(chapters) == sorted(endpoint.key for endpoint in ENDPOINTS)
    assert len(made) == len(reports.FILES) + len(lists.FILES)
    assert all(path.is_relative_to(ROOT / "docs" / "reference") for path in made)


def test_names():
    """All names fit into a few lines, and a report that can be grouped is marked."""
    text = docs.names()

    assert text.startswith("Reports: `attendance_strikes` *, `attendances` *, `classes` *,")
    assert "`gift_cards`, " in text
    assert "Lists: " in text
    assert all(f"`{endpoint.name.removesuffix('.grouped')}`" in text for endpoint in ENDPOINTS)


def test_overview():
    """The overview has a line for each endpoint, with its real method, command, pagings and sizes."""
    lines = {line[0]: line[1:] for line in cells(overview())}
    assert lines["[`attendance_strikes.grouped`](reference/reports/attendance_strikes.md)"] == [
        "`teamup.reports.attendance_strikes_grouped(...)`",
        "`teamup pull attendance-strikes.grouped`",
        "offset, page",
        "required",
        "no",
        "15",
        "15",
    ]
    assert [line[4] for line in cells(overview(TYPICAL))] == [
        "optional",
        "required",
        "required",
        "optional",
        "-",
    ]
    assert len(lines) == len(ENDPOINTS)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_methods(endpoint):
    """The method that the tables name is one of the client."""
    owner, _, name = docs.method_name(endpoint).rpartition(".")

    assert hasattr({"teamup.reports": Reports, "teamup.lists": Lists, "teamup": TeamUp}[owner], name)


@pytest.mark.parametrize("endpoint", COMPARED, ids=lambda endpoint: endpoint.name)
def test_complete(endpoint):
    """The reference of an endpoint has a line for each parameter and for each field of each object in its rows."""
    text = reference([endpoint])
    lines = [line[0].strip("`") for line in cells(text)]

    for parameter in endpoint.parameters:
        assert parameter.name in lines
        for value in parameter.enum:
            assert f"`{value}`" in text
    assert set(endpoint.paths) <= set(lines)
    for name in re.findall(r'"name": "(\w+)"', str(documented(endpoint)["row_fields"]).replace("'", '"')):
        assert name in lines or any(line.endswith(f".{name}") for line in lines)


def test_limits():
    """Types, choices, limits and marks are said in words."""
    text = reference(TYPICAL)

    assert r"| `booking_sources` | list of string | matches `^(\d+\|none)$`; not empty |" in text
    assert "| `columns` | list of string, required | the columns listed below; 1 or more | Columns" in text
    assert "| `include_future` | boolean | default `false` |" in text
    assert "| `offset` | integer | at least 0; default `0` |" in text
    assert "| `expand` | list of string | sent comma-separated |" in text
    assert "| date-time | without time zone, on the venue's clock |" in text
    assert "| `venue` | integer or `Venue` | expandable |" in text
    assert "| `memberships` | list of `Membership` | sent only with `expand` |" in text
    assert "| `customer.id` | integer | `customer_id`, `customer.id` |  |" in text
    assert "| `counts` | counts by period |" in text
    assert "| `icalendar_links.integrations` | list of any |" in text


def test_classes():
    """Each class that rows refer to is described once, circles included."""
    headings = re.findall(r"^#### (\w+)", reference([COURSE_SESSIONS]), re.MULTILINE)

    assert len(headings) == len(set(headings))
    assert {"Venue", "VenueRoom", "Instructor", "OfferingType", "Membership", "TimeSlot"} < set(headings)
    assert "CourseSession" not in headings


def test_write_and_check(tmp_path, capsys):
    """An outdated file is named with the line that updates it; updated, it passes, and stays as it is."""
    path = tmp_path / "README.md"
    path.write_text(EMPTY, encoding="utf-8")

    assert main(["--check", str(path)]) == 1
    assert capsys.readouterr().out == f"{path}: out of date; {HINT} {path}\n"
    assert path.read_text(encoding="utf-8") == EMPTY
    assert main(["--write", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: rewritten\n"
    written = path.read_text(encoding="utf-8")
    assert written.startswith("before\n<!-- reference:endpoints -->\n\n| Endpoint |")
    assert written.endswith("|\n\n<!-- /reference -->\nafter\n")
    assert main(["--check", str(path)]) == 0
    assert main(["--write", str(path)]) == 0
    assert capsys.readouterr().out == ""


def test_hand_edited(tmp_path):
    """A table that was edited by hand is out of date, and all files given are looked at."""
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text(update(EMPTY), encoding="utf-8")
    bad.write_text(update(EMPTY).replace("attendances", "attendance"), encoding="utf-8")

    assert main(["--check", str(bad), str(good)]) == 1
    assert main(["--check", str(good)]) == 0


@pytest.mark.parametrize("how", ["--check", "--write"])
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("no part at all\n", "no part <!-- reference:NAME -->"),
        ("<!-- reference:endpoints -->\nnever ended\n", "that ends with <!-- /reference -->"),
        (f"{EMPTY}<!-- reference:endpoints -->\n", "that ends with <!-- /reference -->"),
        (
            "<!-- reference:nothing -->\n<!-- /reference -->\n",
            "no part reference:nothing; known: names, endpoints",
        ),
        (None, "No such file"),
    ],
    ids=["none", "unended", "second unended", "unknown", "missing file"],
)
def test_broken_files(tmp_path, capsys, how, text, word):
    """A file that can't be kept up to date fails with a clear word, whether checked or written."""
    path = tmp_path / "README.md"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    assert main([how, str(path)]) == 1
    assert word in capsys.readouterr().out
    assert not path.exists() or path.read_text(encoding="utf-8") == text


def test_usage(capsys):
    """Without saying what to do, it is wrong usage."""
    for arguments in ([], ["README.md"], ["--check", "--write", "README.md"]):
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
    assert "usage: python docs/reference.py" in capsys.readouterr().err


def test_command(tmp_path):
    """It is run as a program, and its exit status tells."""
    path = tmp_path / "README.md"
    path.write_text(EMPTY, encoding="utf-8")
    command = [sys.executable, str(ROOT / "docs" / "reference.py")]
    checked = subprocess.run([*command, "--check", str(path)], capture_output=True, text=True, check=False)
    written = subprocess.run([*command, "--write", str(path)], capture_output=True, text=True, check=False)

    assert (checked.returncode, HINT in checked.stdout, checked.stderr) == (1, True, "")
    assert (written.returncode, written.stderr) == (0, "")


def test_declaration_is_read():
    """A changed declaration changes the tables: they come from nowhere else."""
    renamed = attrs.evolve(COURSE_SESSIONS, name="other_sessions", path="/other_sessions")

    assert "| `other_sessions` | `teamup.other_sessions(...)` | `teamup pull other-sessions` |" in overview(
        [renamed]
    )
    assert "`GET /other_sessions`" in reference([renamed])
    with pytest.raises(docs.OutdatedError):
        update("nothing here")
