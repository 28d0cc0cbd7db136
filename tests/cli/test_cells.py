"""Cells of CSV that a spreadsheet would run."""

import csv
import io
import json
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox, faults


@pytest.fixture(autouse=True)
def formulas(sandbox: Sandbox) -> None:
    """A customer who calls herself a formula, and a balance below zero."""

    def named(body: bytes) -> bytes:
        page = json.loads(body)
        for row in page["rows"]:
            row["customer"]["name"] = '=HYPERLINK("http://x")'
        return json.dumps(page).encode()

    sandbox.faults.add(faults.body(named), path="attendances", times=None)


def names(text: str) -> set[str]:
    return {row["customer.name"] for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), '\'=HYPERLINK("http://x")'),
        (("--cells", "text"), '\'=HYPERLINK("http://x")'),
        (("--cells", "raw"), '=HYPERLINK("http://x")'),
    ],
)
def test_standard_output_file_and_folder(
    teamup, tmp_path: Path, options: tuple[str, ...], expected: str
) -> None:
    """A formula is text in CSV wherever it goes, unless `--cells raw` says otherwise."""
    columns = ("--columns", "id,customer.name")
    piped = teamup("pull", "attendances", *columns, "--format", "csv", *options)
    file, folder = tmp_path / "a.csv", tmp_path / "all"
    assert teamup("pull", "attendances", *columns, "-o", str(file), *options).code == 0
    assert teamup("pull", "attendances", *columns, "-o", f"csv:{folder}", *options).code == 0

    assert names(piped.out) == {expected}
    assert file.read_text() == piped.out == (folder / "attendances.csv").read_text()


def test_other_formats(teamup, tmp_path: Path) -> None:
    """Other formats have no such option."""
    for place in ("-", str(tmp_path / "a.jsonl"), str(tmp_path / "a.parquet"), f"{tmp_path}/"):
        ran = teamup("pull", "attendances", "-o", place, "--cells", "raw")
        assert ran.code == 2
        assert "cells goes with csv, not with" in ran.err
