"""`teamup pull -o report.xlsx`."""

from pathlib import Path

import openpyxl


def test_one_report(teamup, tmp_path: Path) -> None:
    """One command makes a workbook; times are on the clock that `--timezone` names."""
    place = tmp_path / "report.xlsx"
    assert teamup("pull", "attendances", "-o", str(place), "--timezone", "+02:00").code == 0
    sheet = openpyxl.load_workbook(place).active

    assert sheet.title == "attendances"
    assert sheet.max_row == 451
    assert sheet["B2"].number_format == 'yyyy-mm-dd hh:mm:ss "UTC+02:00"'


def test_several_reports(teamup, tmp_path: Path) -> None:
    """Several reports are sheets of one workbook, with the names that were asked for."""
    place = tmp_path / "report.xlsx"
    assert teamup("pull", "venues", "customers", "-o", str(place), "--names", "snake").code == 0

    book = openpyxl.load_workbook(place)
    assert book.sheetnames == ["venues", "customers"]
    assert not any("." in cell.value for cell in book["customers"][1])


def test_no_sync(teamup, tmp_path: Path) -> None:
    """A workbook can't be kept up to date, and the message says what can."""
    refused = teamup("sync", "venues", "--to", str(tmp_path / "report.xlsx"))

    assert refused.code == 2
    assert "can't be kept up to date: use" in refused.err


def test_no_pipe(teamup) -> None:
    """A workbook needs a place."""
    refused = teamup("pull", "venues", "--format", "xlsx")

    assert refused.code == 2
    assert "give it a place with -o" in refused.err
