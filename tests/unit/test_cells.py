"""Text that a spreadsheet would run: guarded in CSV, and read back."""

import csv
import io
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamup_async.errors import ConfigurationError
from teamup_async.sinks.cells import STARTS, guarded, unguarded
from teamup_async.sinks.csv import Csv
from teamup_async.sinks.schema import Column, Scalar, Schema

EXAMPLES = int(os.environ.get("TEAMUP_ASYNC_CELLS", "100"))
NASTY = st.text(st.sampled_from([*STARTS, "'", '"', ",", ";", " ", "a", "1", "\x00", "é"]), max_size=6)
TEXTS = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), NASTY)


class Row:
    def __init__(self, text: str | None, number: float | None) -> None:
        self.text, self.number = text, number


SCHEMA = Schema(Row, (Column("text", Scalar("string")), Column("number", Scalar("number"))))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20 7946 0000", "'+44 20 7946 0000"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("'=1", "''=1"),
        ("'t Hart", "'t Hart"),
        ("O'Neill", "O'Neill"),
        ("a=1", "a=1"),
        ("", ""),
    ],
)
def test_what_is_guarded(text: str, safe: str) -> None:
    """An apostrophe stands before what would be run, and before what only looks guarded; nothing else changes."""
    assert guarded(text) == safe
    assert unguarded(safe) == text


@settings(max_examples=EXAMPLES)
@given(TEXTS)
def test_there_and_back(text: str) -> None:
    """Any text can be read back, and none is run."""
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(tuple(STARTS))


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(TEXTS, st.integers(-(2**70), 2**70)), min_size=1, max_size=4))
def test_a_file_read_back(values: list[tuple[str, int]]) -> None:
    """`unguarded` gives the exact texts of a CSV file, and numbers as they were."""
    sink = Csv("unused")
    rows = [Row(*pair) for pair in values]
    text = (sink.head(SCHEMA) + sink.lines(SCHEMA, rows)).decode()
    head, *lines = csv.reader(io.StringIO(text, newline=""))

    assert head == ["text", "number"]
    assert [(unguarded(a), int(b)) for a, b in lines] == values
    assert not any(a.startswith(tuple(STARTS)) for a, _ in lines)


@settings(max_examples=EXAMPLES)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_raw(texts: list[str]) -> None:
    """`cells="raw"` writes text as it is."""
    sink = Csv("unused", cells="raw")
    text = sink.lines(SCHEMA, [Row(text, -1.5) for text in texts]).decode()

    assert list(csv.reader(io.StringIO(text, newline=""))) == [[text, "-1.5"] for text in texts]


def test_heads() -> None:
    """The names of pivoted columns come from the account, and are guarded, too."""
    schema = Schema(Row, (Column("=cmd()", Scalar("integer"), source="counts"),))

    assert Csv("unused").head(schema) == b"'=cmd()\n"
    assert Csv("unused", cells="raw").head(schema) == b"=cmd()\n"


def test_no_such_way() -> None:
    """Another word is refused."""
    with pytest.raises(ConfigurationError, match="'text' or 'raw', not 'safe'"):
        Csv("unused", cells="safe")  # type: ignore[arg-type]
