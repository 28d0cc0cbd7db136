"""Log records as JSON: one object a line, whatever the record carries."""

import ast
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import teamup_async
from teamup_async.logs import JsonFormatter, about

CALLS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def record(message: str = "said", *arguments: Any, error: Any = None, **extra: Any) -> logging.LogRecord:
    logger = logging.getLogger("teamup_async.http")
    return logger.makeRecord(logger.name, logging.INFO, "x.py", 1, message, arguments, error, None, extra)


def raised(text: str) -> Any:
    """What is known of an error that was raised."""
    try:
        int(text)
    except ValueError:
        return sys.exc_info()
    raise AssertionError(text)


def written(one: logging.LogRecord, **options: Any) -> dict[str, Any]:
    line = JsonFormatter(**options).format(one)
    assert "\n" not in line
    told: dict[str, Any] = json.loads(line)
    return told


def test_a_line():
    """A line has time, level, logger, message, account, endpoint and position first, then what the record carries."""
    one = record("%d rows", 3, **about("north", "attendances", position={"by": "offset"}, attempt=2))
    one.created = 1_760_000_000.1234

    assert JsonFormatter().format(one) == (
        '{"time": "2025-10-09T08:53:20.123+00:00", "level": "info", "logger": "teamup_async.http", '
        '"message": "3 rows", "account": "north", "endpoint": "attendances", "position": {"by": "offset"}, '
        '"attempt": 2}'
    )


def test_a_line_of_another_package():
    """Where a record says nothing of them, account, endpoint and position are null."""
    assert list(written(record()).items())[3:] == [
        ("message", "said"),
        ("account", None),
        ("endpoint", None),
        ("position", None),
    ]
    assert about("", "") == {"account": None, "endpoint": None}


def test_a_traceback():
    """A traceback is a field of its line, and so is a stack."""
    one = record(error=raised("too bad"))
    one.stack_info = "Stack (most recent call last):\n  somewhere"
    told = written(one)

    assert told["exception"].startswith("Traceback")
    assert told["exception"].endswith("with base 10: 'too bad'")
    assert told["stack"].endswith("somewhere")


def test_what_must_not_be_shown():
    """What `clean` takes out is gone from the message, names and values of fields, however deep, and the traceback."""
    one = record(
        "the canary", error=raised("canary"), canary=["x", ("canary", {"canary": 1})], thing=Path("canary")
    )
    line = JsonFormatter(lambda text: text.replace("canary", "***")).format(one)

    assert "canary" not in line
    assert json.loads(line)["***"] == ["x", ["***", {"***": 1}]]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.just(object),
    lambda below: st.lists(below) | st.dictionaries(st.text() | st.integers(), below) | st.tuples(below),
)


@given(value=ANYTHING, message=st.text())
def test_anything(value, message):
    """Whatever a field holds, the line is strict JSON, and one line."""
    one = record()
    one.msg, one.value = message, value

    line = JsonFormatter().format(one)
    assert "\n" not in line
    json.loads(line, parse_constant=pytest.fail)


def test_all_calls_tell_whose():
    """Each log call of the package gives `extra`, which tells the account and the endpoint."""
    root = Path(teamup_async.__file__).parent
    without = []
    for path in root.rglob("*.py"):
        if "sandbox" in path.parts:  # a server, which has its own accounts
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CALLS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "logger", "logging")
                and "extra" not in {keyword.arg for keyword in node.keywords}
            ):
                without.append(f"{path.relative_to(root)}:{node.lineno}")
    assert without == []
