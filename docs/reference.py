"""The reference, made from the declarations: tables in docs/reference.md, and a page for each file.

``python docs/reference.py --check`` says whether all of it is up to date, ``--write`` brings it up to date. With
files, only the parts of those between ``<!-- reference:NAME -->`` and ``<!-- /reference -->`` are looked at. NAME is
``names`` (all names, in short), ``endpoints`` (a line each), ``walks`` (which lists keep an order) or ``dialects``
(what no document says).
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs

from teamup_async import lists, reports
from teamup_async.dialect import UNKNOWNS
from teamup_async.endpoint import Changed, Endpoint, Growing, Recent, Whole
from teamup_async.endpoints import ENDPOINTS
from teamup_async.hints import hints_of, is_class, is_mapping, item_of, read
from teamup_async.query import Parameter
from teamup_async.rows import DEFERRED, EXPANDABLE, ONE_COLUMN, run_time_field

__all__ = [
    "OutdatedError",
    "dialects",
    "main",
    "method_name",
    "names",
    "overview",
    "pages",
    "reference",
    "update",
    "walks",
]

Endpoints = Iterable[Endpoint[..., Any]]

_HERE: Final = Path(__file__).resolve().parent
_TABLES: Final = (
    _HERE / "reference.md",
    _HERE / "promises.md",
    _HERE / "dialects.md",
)
"""Where parts are kept up to date, unless files are given."""

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
    where = "teamup"
    if endpoint.envelope.name == "report" or endpoint.shared_name:
        where = f"teamup.{endpoint.envelope.name}s"
    return f"{where}.{endpoint.name.replace('.', '_')}"


def names(endpoints: Endpoints = ENDPOINTS) -> str:
    """All names, in two lines."""
    lines: list[str] = []
    for kind, title in (("report", "Reports"), ("list", "Lists")):
        known = [endpoint for endpoint in endpoints if endpoint.envelope.name == kind]
        grouped = {endpoint.name.removesuffix(".grouped") for endpoint in known if endpoint.grouped}
        plain = sorted({endpoint.name.removesuffix(".grouped") for endpoint in known})
        listed = ", ".join(f"`{name}`{' *' if name in grouped else ''}" for name in plain)
        if listed:
            lines.append(f"{title}: {listed}.\n")
    return "\n".join(lines)


def overview(endpoints: Endpoints = ENDPOINTS) -> str:
    """A table of the endpoints."""
    return _table(
        "Endpoint | Python | Command line | `by=` | `columns=` | Row id | Filters | Fields",
        (
            (
                f"[`{endpoint.key}`]({page})" if (page := _page(endpoint)) else f"`{endpoint.key}`",
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


def _page(endpoint: Endpoint[..., Any]) -> str | None:
    """Where the page of a declared endpoint is, from docs/reference.md."""
    package = reports if endpoint.envelope.name == "report" else lists
    constant = endpoint.name.replace(".", "_").upper()
    found = (name for name, constants in package.FILES.items() if constant in constants)
    return next((f"reference/{endpoint.envelope.name}s/{name}.md" for name in found), None)


def _columns_word(endpoint: Endpoint[..., Any]) -> str:
    required = {p.name: p.required for p in endpoint.filters}.get("columns")
    return {None: "-", True: "required", False: "optional"}[required]


def walks(endpoints: Endpoints = ENDPOINTS) -> str:
    """A table of the lists by the order that a walk can keep, and why it can't keep one in the others."""
    found: dict[tuple[str, str], list[str]] = {}
    for endpoint in endpoints:
        if endpoint.envelope.name == "list":
            found.setdefault(_walk(endpoint), []).append(f"`{endpoint.name}`")
    return _table(
        "Lists | Walked in order of | Why",
        ((", ".join(names), order, why) for (order, why), names in sorted(found.items(), key=_first_kept)),
    )


def _first_kept(entry: tuple[tuple[str, str], list[str]]) -> tuple[bool, tuple[str, str]]:
    (order, why), _ = entry
    return order == "-", (order, why)


def _walk(endpoint: Endpoint[..., Any]) -> tuple[str, str]:
    """The field that a list is walked by, or ``-``, and why."""
    order = endpoint.order
    if order is not None:
        above = order.field.rpartition(".")[0]
        asked = f"`sort={order.sort}` asks for it, and `{order.gte}` enters it again"
        return (
            f"`{order.field}`",
            f"{asked}; rows carry it with `expand={above}`, which the walk adds" if above else asked,
        )
    if not endpoint.has_id:
        return "-", "its rows have no id to be told apart by"
    filters = {parameter.name: parameter for parameter in endpoint.filters}
    sorts = [value for value in filters["sort"].enum if value[0] != "-"] if "sort" in filters else []
    if not sorts:
        return "-", "no order can be asked for (`sort`)"
    entered = [value for value in sorts if f"{value}_gte" in filters]
    if not entered:
        return "-", f"an order can be asked for ({_quoted(sorts)}), but no filter enters it again (`_gte`)"
    days = f"{_quoted(entered)} are days, entered by a time: no document says in which time zone a day begins"
    return "-", f"{days}, or how rows of one day are ordered, of which there can be more than a page holds"


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# --- in full ----------------------------------------------------------------------------------------------


def pages() -> dict[Path, str]:
    """A page for each file of declarations, by its path."""
    made: dict[Path, str] = {}
    for folder, package in (("reports", reports), ("lists", lists)):
        for name, constants in package.FILES.items():
            declared: list[Endpoint[..., Any]] = [getattr(package, constant) for constant in constants]
            title = name.replace("_", " ").capitalize()
            made[_HERE / "reference" / folder / f"{name}.md"] = (
                f"# {title}\n\n[All endpoints](../../reference.md). This page is made by `docs/reference.py` from"
                f" `teamup_async/{folder}/{name}.py`.\n\n{reference(declared)}"
            )
    return made


def reference(endpoints: Endpoints = ENDPOINTS) -> str:
    """Every parameter and every row field of the endpoints."""
    return "\n".join(_endpoint(endpoint) for endpoint in endpoints)


def _endpoint(endpoint: Endpoint[..., Any]) -> str:
    name, row = endpoint.key, endpoint.row.__name__
    first, *others = (f'`by="{by}"`' for by in endpoint.pagings)
    walked = f"{first} (default), or {', '.join(others)}" if others else first
    calls = f"`{method_name(endpoint)}(...)`, `teamup pull {endpoint.command_name}`"
    parts = [
        f"## {name}\n\n{endpoint.title}: `GET {endpoint.path}`. {calls}.\nWalked with {walked}.\n{_synced(endpoint)}\n",
        f"### Parameters of {name}\n\n{_parameters(endpoint.filters)}",
        f"Set by the walk, not by the caller:\n\n{_parameters(endpoint.envelope.paging)}",
        f"### Rows of {name}\n\n`{row}`: {_summary(endpoint.row)}\n\n{_row_table(endpoint)}",
    ]
    parts += [
        f"#### {cls.__name__} ({name})\n\n{_summary(cls)}\n\n{_table('Field | Type | Note', _lines(cls, ''))}"
        for cls in _referred(endpoint.row, endpoint.row)
    ]
    return "\n".join(parts)


def _synced(endpoint: Endpoint[..., Any]) -> str:
    """What a sync reads after its first run."""
    match Whole() if endpoint.grouped or not endpoint.has_id else endpoint.sync:
        case Changed(field=field):
            return f"A later `teamup sync` reads what changed, by `{field}`."
        case Recent():
            assert endpoint.span is not None
            return f"A later `teamup sync` reads what is recent, by `{endpoint.span.field}`."
        case Growing():
            return "A later `teamup sync` reads what is new, by `id`."
        case _:
            return "Each `teamup sync` reads everything."


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
    for field in attrs.fields(cls):
        said = read(hints_of(cls)[field.name])
        path = f"{prefix}{field.name}"
        yield f"`{path}`", _type(cls, field.name, said.forms), _note(field, said.values, said.forms)
        if len(said.forms) == 1 and not said.values and is_class(said.forms[0]):
            yield from _lines(said.forms[0], f"{path}.")


def _type(cls: type[Any], name: str, forms: Sequence[Any]) -> str:
    if name == run_time_field(cls):
        return "counts by period" if name == "counts" else "columns that only the answer names"
    return " or ".join(map(_form, forms))


def _form(form: Any) -> str:
    item = item_of(form)
    if item is not None:
        return f"list of {' or '.join(map(_form, read(item).forms))}"
    if is_class(form):
        return f"`{form.__name__}`"
    return "object" if is_mapping(form) else _TYPES.get(form, "any")


def _note(field: attrs.Attribute[Any], values: Sequence[Any], forms: Sequence[Any]) -> str:
    notes = [", ".join(f"`{value}`" for value in values)] if values else []
    if field.metadata == DEFERRED:
        notes.append("sent only with `expand`")
    elif field.metadata == ONE_COLUMN:
        notes.append("one column")
    elif len(forms) > 1 or field.metadata == EXPANDABLE:
        notes.append("expandable")
    return "; ".join(notes)


def _referred(cls: type[Any], *known: type[Any]) -> tuple[type[Any], ...]:
    """The classes that rows hold in lists or once expanded, each once, in the order in which they are met."""
    seen = list(known)
    for hint in hints_of(cls).values():
        forms = read(hint).forms
        for form in forms:
            item = item_of(form)
            for inner in (form,) if item is None else read(item).forms:
                if not is_class(inner) or inner in seen:
                    continue
                if item is not None or len(forms) > 1:
                    seen.append(inner)
                seen += [found for found in _referred(inner, *seen) if found not in seen]
    return tuple(seen[len(known) :])


def _summary(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0].replace("``", "`")


def _table(head: str, lines: Iterable[Sequence[str]]) -> str:
    heads = head.split(" | ")
    rows = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in line] for line in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


# --- what is not known ------------------------------------------------------------------------------------


def dialects(_: Endpoints = ()) -> str:
    """A table for each topic: what is not known, the answers, and who finds out."""
    parts: list[str] = []
    for topic in dict.fromkeys(unknown.topic for unknown in UNKNOWNS):
        lines = (
            (
                f"`{unknown.name}`",
                f"{unknown.question} ({unknown.source})",
                "<br>".join(f"`{value}`: {meaning}" for value, meaning in unknown.values.items()),
                unknown.by_itself,
                unknown.found_by,
            )
            for unknown in UNKNOWNS
            if unknown.topic == topic
        )
        head = "field | not known (document) | answers, the default first | the client by itself | the doctor looks at"
        parts.append(f"## {topic.capitalize()}\n\n{_table(head, lines)}")
    return "\n".join(parts)


# --- files ------------------------------------------------------------------------------------------------

_PARTS: Final[dict[str, Callable[[Endpoints], str]]] = {
    "names": names,
    "endpoints": overview,
    "walks": walks,
    "dialects": dialects,
}


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
    parser = argparse.ArgumentParser(prog="python docs/reference.py", description="The reference.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="say whether the files are up to date")
    what.add_argument("--write", action="store_true", help="bring the files up to date")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="Markdown with reference parts")
    given = parser.parse_args(arguments)
    wanted = {} if given.files else pages()
    status = 0
    for path in given.files or (*_TABLES, *wanted, *_left_over(wanted)):
        try:
            word = _bring_up(path, wanted, write=given.write)
        except (OSError, OutdatedError) as error:
            word = str(error)
        if word != "up to date":
            status = 1 if given.check or word not in ("rewritten", "removed") else status
            sys.stdout.write(f"{path}: {word}\n")
    return status


def _left_over(wanted: Iterable[Path]) -> list[Path]:
    """Pages of files that are no more."""
    return sorted(set((_HERE / "reference").rglob("*.md")) - set(wanted))


def _bring_up(path: Path, wanted: Mapping[Path, str], *, write: bool) -> str:
    outdated = f"out of date; run: python docs/reference.py --write{'' if wanted else f' {path}'}"
    if path in wanted or (wanted and path not in _TABLES):
        updated = wanted.get(path)
        text = path.read_text(encoding="utf-8") if path.exists() else None
    else:
        text = path.read_text(encoding="utf-8")
        updated = update(text)
    if updated == text:
        return "up to date"
    if not write:
        return outdated
    if updated is None:
        path.unlink()
        return "removed"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(updated, encoding="utf-8")
    return "rewritten"


if __name__ == "__main__":
    sys.exit(main())
