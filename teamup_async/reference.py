"""The reference tables of README.md and docs/reference.md, made from the declarations.

``python -m teamup_async.reference --check FILE ...`` says whether the parts between ``<!-- reference:NAME -->`` and
``<!-- /reference -->`` are up to date; ``--write`` rewrites them. NAME is ``endpoints`` (one line each) or ``all``.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from .endpoint import Endpoint
from .endpoints import ENDPOINTS
from .query import Parameter
from .rows import DEFERRED, EXPANDABLE

__all__ = ["OutdatedError", "main", "method_name", "overview", "reference", "update"]

Endpoints = Iterable[Endpoint[..., Any]]

_TYPES: Final[dict[Any, str]] = {
    int: "integer",
    float: "number",
    str: "string",
    bool: "boolean",
    Decimal: "decimal",
    datetime: "date-time",
    date: "date",
    time: "time",
}
_PART = re.compile(r"(<!-- reference:(\w+) -->\n)(.*?)(<!-- /reference -->)", re.DOTALL)


class OutdatedError(Exception):
    """A file has no part to fill, or an unknown one."""


# --- one line each ----------------------------------------------------------------------------------------


def method_name(endpoint: Endpoint[..., Any]) -> str:
    """The typed method of the client that walks an endpoint: ``teamup.reports.attendances``."""
    where = "teamup.reports" if endpoint.envelope.name == "report" else "teamup"
    return f"{where}.{endpoint.python_name}"


def overview(endpoints: Endpoints = ENDPOINTS) -> str:
    """A table of the endpoints."""
    return _table(
        "Endpoint | Python | Command line | `by=` | `columns=` | Row id | Filters | Fields",
        (
            (
                f"`{endpoint.name}`",
                f"`{method_name(endpoint)}(...)`",
                f"`teamup pull {endpoint.command_name}`",
                ", ".join(endpoint.pagings),
                _columns_word(endpoint),
                "yes" if endpoint.has_id else "no",
                str(len(endpoint.filters)),
                str(len(endpoint.paths)),
            )
            for endpoint in endpoints
        ),
    )


def _columns_word(endpoint: Endpoint[..., Any]) -> str:
    required = {p.name: p.required for p in endpoint.filters}.get("columns")
    return {None: "-", True: "required", False: "optional"}[required]


# --- in full ----------------------------------------------------------------------------------------------


def reference(endpoints: Endpoints = ENDPOINTS) -> str:
    """Every parameter and every row field of the endpoints."""
    return "\n".join(_endpoint(endpoint) for endpoint in endpoints)


def _endpoint(endpoint: Endpoint[..., Any]) -> str:
    name, row = endpoint.name, endpoint.row.__name__
    first, *others = (f'`by="{by}"`' for by in endpoint.pagings)
    walked = f"{first} (default), or {', '.join(others)}" if others else first
    calls = f"`{method_name(endpoint)}(...)`, `teamup pull {endpoint.command_name}`"
    parts = [
        f"## {name}\n\n{endpoint.title}: `GET {endpoint.path}`. {calls}.\nWalked with {walked}.\n",
        f"### Parameters of {name}\n\n{_parameters(endpoint.filters)}",
        f"Set by the walk, not by the caller:\n\n{_parameters(endpoint.envelope.paging)}",
        f"### Rows of {name}\n\n`{row}`: {_summary(endpoint.row)}\n\n{_row_table(endpoint)}",
    ]
    parts += [
        f"#### {cls.__name__} ({name})\n\n{_summary(cls)}\n\n{_table('Field | Type | Note', _lines(cls, ''))}"
        for cls in _referred(endpoint.row, endpoint.row)
    ]
    return "\n".join(parts)


def _parameters(parameters: Iterable[Parameter]) -> str:
    return _table(
        "Parameter | Type | Values and limits | Meaning",
        ((f"`{p.name}`", _parameter_type(p), _limits(p), p.description) for p in parameters),
    )


def _parameter_type(parameter: Parameter) -> str:
    kind = f"list of {parameter.kind}" if parameter.array else parameter.kind
    return f"{kind}, required" if parameter.required else kind


def _limits(parameter: Parameter) -> str:
    """Everything a parameter refuses or assumes."""
    p = parameter
    values = (
        "the columns listed below" if p.name == "columns" else ", ".join(f"`{value}`" for value in p.enum)
    )
    stated = (
        (bool(p.enum), values),
        (p.minimum is not None, f"at least {p.minimum}"),
        (p.maximum is not None, f"at most {p.maximum}"),
        (p.pattern is not None, f"matches `{p.pattern}`"),
        (p.min_items is not None, f"{p.min_items} or more"),
        (p.min_length is not None, "not empty"),
        (p.comma, "sent comma-separated"),
        (p.local, "without time zone, on the venue's clock"),
        (p.default is not None, f"default `{str(p.default).lower()}`"),
    )
    return "; ".join(text for applies, text in stated if applies)


def _row_table(endpoint: Endpoint[..., Any]) -> str:
    if not endpoint.columns:
        return _table("Field | Type | Note", _lines(endpoint.row, ""))
    names: dict[str, list[str]] = {}
    for column in endpoint.columns:
        names.setdefault(endpoint.canonical(column), []).append(f"`{column}`")
    return _table(
        "Field | Type | In `columns=` | Note",
        (
            (path, kind, ", ".join(names.get(path.strip("`"), ())), note)
            for path, kind, note in _lines(endpoint.row, "")
        ),
    )


def _lines(cls: type[Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    """Path, type and note of each field of a class; objects that are always whole are spelled out."""
    hints = get_type_hints(cls)
    for field in attrs.fields(cls):
        members = [member for member in _members(hints[field.name]) if member is not NoneType]
        path = f"{prefix}{field.name}"
        yield f"`{path}`", _type(members), _note(field, members)
        inner = members[0]
        if len(members) == 1 and _is_row(inner):
            yield from _lines(inner, f"{path}.")


def _type(members: Sequence[Any]) -> str:
    forms = [_form(member) for member in members if get_origin(member) is not Literal]
    return " or ".join(forms)


def _form(member: Any) -> str:
    if get_origin(member) in (list, tuple):
        return f"list of {_form(get_args(member)[0])}"
    if _is_row(member):
        return f"`{member.__name__}`"
    return "counts by period" if get_origin(member) is not None else _TYPES.get(member, "any")


def _note(field: attrs.Attribute[Any], members: Sequence[Any]) -> str:
    values = [
        f"`{value}`" for member in members if get_origin(member) is Literal for value in get_args(member)
    ]
    referred = len(members) - bool(values) > 1
    notes = [", ".join(values)] if values else []
    if field.metadata == DEFERRED:
        notes.append("sent only with `expand`")
    elif referred or field.metadata == EXPANDABLE:
        notes.append("expandable")
    return "; ".join(notes)


def _referred(cls: type[Any], *known: type[Any]) -> tuple[type[Any], ...]:
    """The classes that rows hold in lists or once expanded, each once, in the order in which they are met."""
    seen = list(known)
    for hint in get_type_hints(cls).values():
        members = [member for member in _members(hint) if member is not NoneType]
        for member in members:
            listed = get_origin(member) in (list, tuple)
            inner: Any = get_args(member)[0] if listed else member
            if not _is_row(inner) or inner in seen:
                continue
            if listed or len(members) > 1:
                seen.append(inner)
            seen += [found for found in _referred(inner, *seen) if found not in seen]
    return tuple(seen[len(known) :])


def _is_row(hint: Any) -> bool:
    return isinstance(hint, type) and attrs.has(hint)


def _members(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _members(part)
    else:
        yield hint


def _summary(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0].replace("``", "`")


def _table(head: str, lines: Iterable[Sequence[str]]) -> str:
    heads = head.split(" | ")
    rows = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in line] for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


# --- files ------------------------------------------------------------------------------------------------

_PARTS: Final[dict[str, Callable[[Endpoints], str]]] = {"endpoints": overview, "all": reference}


def update(text: str, endpoints: Endpoints = ENDPOINTS) -> str:
    """`text` with its parts made anew. Raises `OutdatedError` where there is none, or an unknown one."""

    def made(part: re.Match[str]) -> str:
        begin, name, _, end = part.groups()
        if name not in _PARTS:
            raise OutdatedError(f"there is no part reference:{name}; known: {', '.join(_PARTS)}")
        return f"{begin}\n{_PARTS[name](endpoints)}\n{end}"

    updated, count = _PART.subn(made, text)
    if not count or text.count("<!-- reference:") != count:
        raise OutdatedError("no part <!-- reference:NAME --> that ends with <!-- /reference -->")
    return updated


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or rewrite files; the exit status: 0 up to date, 1 not, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m teamup_async.reference", description="The reference tables."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="say whether the files are up to date")
    what.add_argument("--write", action="store_true", help="bring the files up to date")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="Markdown with reference parts")
    given = parser.parse_args(arguments)
    status = 0
    for path in given.files:
        try:
            word = _bring_up(path, write=given.write)
        except (OSError, OutdatedError) as error:
            word = str(error)
        if word != "up to date":
            status = 1 if given.check or word != "rewritten" else status
        sys.stdout.write(f"{path}: {word}\n")
    return status


def _bring_up(path: Path, *, write: bool) -> str:
    text = path.read_text(encoding="utf-8")
    updated = update(text)
    if updated == text:
        return "up to date"
    if not write:
        return f"out of date; run: python -m teamup_async.reference --write {path}"
    path.write_text(updated, encoding="utf-8")
    return "rewritten"


if __name__ == "__main__":
    sys.exit(main())
