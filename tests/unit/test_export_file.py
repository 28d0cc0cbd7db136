"""Exported files: whether one is whole, and its rows as objects of the report's row class."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from teamup_async._decoding.export_file import count_rows, read_rows
from teamup_async.errors import ResponseDecodeError
from teamup_async.reports.attendance_strikes import ATTENDANCE_STRIKES_GROUPED
from teamup_async.reports.attendances import ATTENDANCES

CSV = (
    "\ufeffid,customer.name,Event Starts At,is_first_attendance,instructors\r\n"
    '1,"Zoë, López\nand more",2025-01-31T10:00:00+00:00,True,"[{""id"": 3, ""name"": ""Ada""}]"\r\n'
    "2,,,,\r\n"
)


@pytest.fixture
def file(tmp_path):
    def write(text, name="export.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_csv(file):
    """Paths, flat names and labels name columns; empty cells are absent; lists are JSON."""
    first, second = read_rows(ATTENDANCES, file(CSV), "csv")
    assert (first.id, first.customer.name) == (1, "Zoë, López\nand more")
    assert first.event.starts_at == datetime(2025, 1, 31, 10, tzinfo=UTC)
    assert first.is_first_attendance is True
    assert [instructor.id for instructor in first.instructors] == [3]
    assert (second.id, second.customer.name, second.is_first_attendance) == (2, None, None)


@pytest.mark.parametrize("text", ['[{"id": 1}, {"id": 2}]', ' {"rows": [{"id": 1}, {"id": 2}], "total": 2}'])
def test_json(file, text):
    """A JSON export is an array of rows, or an object that holds one."""
    path = file(text, "export.json")
    assert [row.id for row in read_rows(ATTENDANCES, path, "json")] == [1, 2]
    assert count_rows(path, "json", framed=True) == 2


def test_many_rows(file):
    """Files are read in batches, and no row is lost between them."""
    path = file("id\n" + "".join(f"{number}\n" for number in range(2501)))
    assert list(range(2501)) == [row.id for row in read_rows(ATTENDANCES, path, "csv")]
    path = file(json.dumps([{"id": number} for number in range(2501)]), "export.json")
    assert list(range(2501)) == [row.id for row in read_rows(ATTENDANCES, path, "json")]


def test_pivoted_counts(file):
    """Columns that a pivoted report adds are its counts."""
    path = file("day_of_week,count,2025-01\nmonday,3,2\n")
    (row,) = read_rows(ATTENDANCE_STRIKES_GROUPED, path, "csv")
    assert (row.day_of_week, row.count, dict(row.counts)) == ("monday", 3, {"2025-01": 2})


def test_nothing(file):
    """A header without rows, and a file without anything, have no rows."""
    assert list(read_rows(ATTENDANCES, file("id,status\n"), "csv")) == []
    assert list(read_rows(ATTENDANCES, file(""), "csv")) == []
    assert count_rows(file("id,status\n"), "csv", framed=False) == 0
    with pytest.raises(ValueError, match="no end"):
        count_rows(file(""), "csv", framed=False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,statuss\n1,x\n", "no column 'statuss'; did you mean 'status'"),
        ("id\none\n", "line 2: id can't be 'one'"),
        ("id\nNaN\n", "line 2: id can't be 'NaN'"),
        ("is_first_attendance\nperhaps\n", "is_first_attendance can't be 'perhaps'"),
        ("instructors\n[\n", "instructors can't be '['"),
        ("event_starts_at\nyesterday\n", "starts_at"),
    ],
)
def test_what_does_not_fit(file, text, said):
    """A column or a value that the report can't have is an error that names it."""
    with pytest.raises(ResponseDecodeError, match=r"\w") as raised:
        list(read_rows(ATTENDANCES, file(text), "csv"))
    assert said in str(raised.value)


@pytest.mark.parametrize("text", ['[{"id": 1}', "{", '{"total": 1}', "[1,", "null"])
def test_json_that_is_cut(file, text):
    """JSON that stops in the middle, or holds no rows, is told."""
    path = file(text, "export.json")
    with pytest.raises(ValueError, match=r"\w"):
        count_rows(path, "json", framed=True)
    with pytest.raises(ResponseDecodeError, match="not an array of rows"):
        list(read_rows(ATTENDANCES, path, "json"))


@pytest.mark.parametrize("cut", [3, 10, 40, 90, 150, -1])
def test_csv_that_is_cut(file, cut):
    """A CSV that ends anywhere but at a line break of its own is not whole."""
    whole = file(CSV)
    assert count_rows(whole, "csv", framed=False) == 2
    with pytest.raises(ValueError, match=r"\w"):
        count_rows(file(CSV.encode()[:cut]), "csv", framed=False)


def test_the_length_tells(file):
    """Where the server said how long a file is, its last line need not end."""
    assert count_rows(file("id\n1\n2"), "csv", framed=True) == 2
    with pytest.raises(ValueError, match="1 of 2 columns"):
        count_rows(file("id,status\n1,x\n2"), "csv", framed=True)
    with pytest.raises(ValueError, match="line 2"):
        count_rows(file('id,status\n1,"x'), "csv", framed=True)
