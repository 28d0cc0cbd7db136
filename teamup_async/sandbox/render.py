"""Answers as JSON, CSV or XML."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any, cast
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import msgspec

from .data.shape import as_object, at_path
from .data.sources import Answer
from .parameters import Page, Selection

_encode: Callable[[Any], bytes] = msgspec.json.Encoder().encode


def to_json(value: Any) -> bytes:
    """Compact JSON."""
    return _encode(value)


def report(answer: Answer, total: int | None, selection: Selection) -> dict[str, Any]:
    """API documents: "Report - Data", ``{total, column_headers, rows}``."""
    order = {name: (index, down) for index, (name, down) in enumerate(selection.sort)}
    headers: list[dict[str, Any]] = []
    for key, can in answer.columns:
        header: dict[str, Any] = {
            "label": label(key),
            "key": key,
            "sortable": can,
            "holds_customer_id": key == "customer.id",
        }
        if key in order:
            index, down = order[key]
            header["sorted"] = {"order": "desc" if down else "asc", "priority": index}
        header["required"] = False
        headers.append(header)
    return {**_stated("total", total), "column_headers": headers, "rows": answer.rows}


def _stated(name: str, total: int | None) -> dict[str, Any]:
    return {} if total is None else {name: total}


def label(key: str) -> str:
    """A column's name for people."""
    words = key.replace(".", " ").replace("_", " ").split()
    return " ".join("ID" if word == "id" else word.capitalize() for word in words)


def listing(
    answer: Answer, total: int | None, page: Page, url: str, pairs: list[tuple[str, str]]
) -> dict[str, Any]:
    """API document: guide "pagination", ``{count, next, previous, results}``."""
    number = page.page or 1
    others = [(name, value) for name, value in pairs if name != "page"]

    def url_of(other: int) -> str:
        return f"{url}?{urlencode([*others, ('page', str(other))])}"

    return {
        **_stated("count", total),
        "next": url_of(number + 1) if page.offset + page.limit < answer.total else None,
        "previous": url_of(number - 1) if number > 1 else None,
        "results": answer.rows,
    }


def to_csv(answer: Answer, names: Sequence[str]) -> bytes:
    """A header line of `names`, then the rows. No document shows the real layout."""
    text = io.StringIO()
    writer = csv.writer(text)
    keys = [key for key, _ in answer.columns]
    writer.writerow(names)
    for row in answer.rows:
        writer.writerow([_cell(row, key) for key in keys])
    return text.getvalue().encode()


def _cell(row: Any, key: str) -> Any:
    value = row[key] if key in row else at_path(row, key)
    return to_json(value).decode() if isinstance(value, (dict, list)) else value


def to_xml(value: Any) -> bytes:
    """``<root>`` with one element for each key and ``<list-item>`` for each item."""
    root = ET.Element("root")
    _fill(root, value)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _fill(element: ET.Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, part in as_object(value).items():
            _fill(ET.SubElement(element, name), part)
    elif isinstance(value, list):
        for part in cast("Sequence[Any]", value):
            _fill(ET.SubElement(element, "list-item"), part)
    elif isinstance(value, bool):
        element.text = "True" if value else "False"
    elif value is not None:
        element.text = str(value)
