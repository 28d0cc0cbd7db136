"""Compare declarations with the API's documents (`endpoints.json`), both ways; every difference is a sentence."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from teamup_async.endpoint import Endpoint
from teamup_async.query import Parameter
from teamup_async.rows import DEFERRED, EXPANDABLE, ONE_COLUMN, run_time_field

HERE = Path(__file__).parent
FACTS: dict[str, Any] = json.loads((HERE / "endpoints.json").read_text(encoding="utf-8"))
DOCUMENTED: dict[str, dict[str, Any]] = {fact["name"]: fact for fact in FACTS["endpoints"]}

_SCALARS: dict[Any, tuple[str, str | None]] = {
    bool: ("boolean", None),
    int: ("integer", None),
    float: ("number", None),
    Decimal: ("number", None),
    str: ("string", None),
    datetime: ("string", "date-time"),
    date: ("string", "date"),
    time: ("string", "time"),
    Any: ("undocumented", None),
}


def example(name: str) -> bytes:
    """The example in the documents, of an endpoint's answer (`attendances`) or an object (`objects/venue`)."""
    return (HERE / "examples" / f"{name}.json").read_bytes()


def parameter_facts(fact: Mapping[str, Any]) -> dict[str, Any]:
    """A documented parameter in the words of `Parameter`; what is not stated is left out."""
    known = (
        "name",
        "array",
        "required",
        "default",
        "minimum",
        "maximum",
        "pattern",
        "min_items",
        "min_length",
    )
    facts = {key: fact[key] for key in known if key in fact}
    facts["kind"] = {"double": "number"}.get(fact["type"], fact["type"])
    if "enum" in fact:
        facts["enum"] = tuple(map(str, fact["enum"]))
        if all(isinstance(value, str) for value in fact["enum"]):
            facts["kind"] = "string"  # two documents call the words of an enum integers
    if "encoding_documented" in fact:
        facts["comma"] = fact["encoding_documented"] == "comma-separated"
    if "local timezone" in fact.get("description", ""):
        facts["local"] = True
    return facts


def parameter_problems(declared: Iterable[Parameter], documented: Iterable[Mapping[str, Any]]) -> list[str]:
    """How the parameters of an endpoint differ from those of its document."""
    ours = {parameter.name: parameter for parameter in declared}
    theirs = {fact["name"]: Parameter(**parameter_facts(fact)) for fact in documented}
    problems = [*_names("", ours, theirs)]
    for name in ours.keys() & theirs.keys():
        for field in attrs.fields(Parameter):
            said, is_so = getattr(ours[name], field.name), getattr(theirs[name], field.name)
            if field.name != "description" and (said != is_so or type(said) is not type(is_so)):
                problems.append(f"{name}: {field.name} is declared {said!r}, documented {is_so!r}")
    return sorted(problems)


def column_problems(endpoint: Endpoint[..., Any], documented: Mapping[str, Any] | None) -> list[str]:
    """How paths, groups and aliases of the columns differ from the document."""
    facts = documented or {"paths": [], "groups": [], "aliases": {}}
    groups = [c for c in endpoint.columns if c not in endpoint.paths and c not in endpoint.aliases]
    problems: list[str] = []
    if documented is not None and sorted(endpoint.paths) != sorted(facts["paths"]):
        problems.append(f"paths are declared {sorted(endpoint.paths)}, documented {sorted(facts['paths'])}")
    if sorted(groups) != sorted(facts["groups"]):
        problems.append(f"groups are declared {sorted(groups)}, documented {sorted(facts['groups'])}")
    if list(endpoint.aliases.items()) != list(facts["aliases"].items()):
        problems.append(f"aliases are declared {endpoint.aliases}, documented {facts['aliases']}")
    problems += [f"column {c} selects nothing of a row" for c in endpoint.columns if not endpoint.leaves([c])]
    return problems


def endpoint_problems(endpoint: Endpoint[..., Any], fact: Mapping[str, Any]) -> list[str]:
    """How an endpoint differs from its document, apart from the fields of its rows."""
    envelopes = {"report": ("total", "rows"), "list": ("count", "results")}
    declared = {
        "name": endpoint.name,
        "title": endpoint.title,
        "method": "GET",
        "path": endpoint.path,
        "envelope": endpoint.envelope.name,
        "grouped": endpoint.grouped,
        "row_has_id": endpoint.has_id,
        "envelope keys": (endpoint.envelope.total, endpoint.envelope.rows),
    }
    documented = {**fact, "envelope keys": envelopes[fact["envelope"]]}
    problems = [
        f"{key} is declared {said!r}, documented {documented[key]!r}"
        for key, said in declared.items()
        if said != documented[key]
    ]
    problems += parameter_problems(endpoint.parameters, fact["query_parameters"])
    return problems + column_problems(endpoint, fact.get("columns"))


@lru_cache(maxsize=256)
def hints_of(cls: type) -> Mapping[str, Any]:
    """The type hints of a class; most mutants have the same classes in them."""
    return get_type_hints(cls)


class RowComparison:
    """Compares a row class, and every class in it, with the documented fields.

    `pairs` gathers each class with the fields documented for it.
    """

    def __init__(self, row_schema: str, fact: Mapping[str, Any]) -> None:
        self.row_schema = row_schema
        self.columns = set((fact.get("columns") or {"paths": ()})["paths"])
        self.filters = [p["enum"] for p in fact["query_parameters"] if "enum" in p]
        self.schemas: dict[str, type] = {}
        self.pairs: list[tuple[type, Sequence[Mapping[str, Any]]]] = []

    def problems(self, row_class: type, fields: Sequence[Mapping[str, Any]]) -> list[str]:
        """How the class differs, at every depth."""
        self.schemas[self.row_schema] = row_class
        return list(self._class(row_class, fields, ""))

    def _class(self, cls: type, fields: Sequence[Mapping[str, Any]], at: str) -> Iterator[str]:
        self.pairs.append((cls, fields))
        hints = hints_of(cls)
        ours = {field.name: field for field in attrs.fields(cls) if field.name != run_time_field(cls)}
        theirs = {fact["name"]: fact for fact in fields}
        yield from _names(at, ours, theirs)
        if [n for n in ours if n in theirs] != [n for n in theirs if n in ours]:
            yield f"{at or 'row'}: the order of the fields is not the documented one"
        for name in [name for name in ours if name in theirs]:
            fact, field, path = theirs[name], ours[name], f"{at}{name}"
            if field.default is attrs.NOTHING:
                yield f"{path}: has no default, but may be absent"
            marks = {
                **(EXPANDABLE if _always_object(fact) else {}),
                **(DEFERRED if fact.get("deferred") else {}),
                **(ONE_COLUMN if path in self.columns and _divides(fact) else {}),
            }
            if dict(field.metadata) != marks:
                yield f"{path}: is marked {dict(field.metadata)}, documented {marks}"
            yield from self._field(hints[name], fact, path)

    def _field(self, hint: Any, fact: Mapping[str, Any], path: str) -> Iterator[str]:
        members = list(_members(hint))
        if fact.get("nullable") and NoneType not in members:
            yield f"{path}: is nullable, but declared without None"
        values = [value for m in members if get_origin(m) is Literal for value in get_args(m)]
        yield from self._enum(values, str in members, fact, path)
        rest = [m for m in members if m is not NoneType and get_origin(m) is not Literal]
        forms = fact.get("forms") or ([fact] if not fact.get("expanded") else [fact, fact["expanded"]])
        if len(rest) == 1 < len(forms) and get_origin(rest[0]) is list:  # ids or objects in one list
            rest = [list[item] for item in _members(get_args(rest[0])[0])]
        if len(rest) != len(forms):
            yield f"{path}: is declared with {len(rest)} form(s), documented {len(forms)}"
            return
        for member, form in zip(rest, forms, strict=True):
            yield from self._form(member, form, path)

    def _form(self, member: Any, fact: Mapping[str, Any], path: str) -> Iterator[str]:
        documented = fact.get("type") or "undocumented"
        if get_origin(member) in (list, tuple):
            if documented != "array":
                yield f"{path}: is declared an array, documented {documented}"
            else:
                item = {"schema": fact.get("schema", ""), **fact["items"]}
                yield from self._field(get_args(member)[0], item, f"{path}[]")
        elif get_origin(member) is Mapping:
            if documented != "object" or fact.get("fields"):
                yield f"{path}: is declared free of form, documented {documented}"
        elif isinstance(member, type) and attrs.has(member):
            if documented != "object":
                yield f"{path}: is declared an object, documented {documented}"
            else:
                yield from self._object(member, fact, path)
        else:
            form = "date-time date time".split()
            known = fact.get("format") if fact.get("format") in form else None  # a URI is text
            wanted = ("string" if documented == "null" else documented, known)
            if member is Decimal and path.endswith("amount.decimal"):
                wanted = ("number", None)  # an amount, whose digits are sent as text in some objects
            if _SCALARS.get(member) != wanted:
                yield f"{path}: is declared {_SCALARS.get(member, member)}, documented {wanted}"

    def _object(self, member: type, fact: Mapping[str, Any], path: str) -> Iterator[str]:
        schema = fact.get("schema", "")
        if schema and self.schemas.setdefault(schema, member) is not member:
            yield f"{path}: is declared {member.__name__}, documented {schema}"
        if not fact.get("circular"):
            yield from self._class(member, fact["fields"], f"{path}.")

    def _enum(self, values: list[Any], is_open: bool, fact: Mapping[str, Any], path: str) -> Iterator[str]:
        documented = [
            v for v in fact.get("enum", ()) if isinstance(v, str)
        ]  # numbers are declared as numbers
        known = [*self.filters, _listed(fact.get("description", ""))]
        if documented and sorted(values) != sorted(documented):  # `Literal[a, b] | str` has no order
            yield f"{path}: values are declared {values}, documented {documented}"
        elif values and not documented and sorted(values) not in map(sorted, known):
            yield f"{path}: values are declared {values}, which no filter and no description lists"
        if values and not is_open:
            yield f"{path}: a value that is added tomorrow would be refused"


def _always_object(fact: Mapping[str, Any]) -> bool:
    return bool(fact.get("expandable")) and "expanded" not in fact


def _divides(fact: Mapping[str, Any]) -> bool:
    """Whether an object could be a column for each of its fields; money never is."""
    names = {field["name"] for field in fact.get("fields", ())}
    return bool(names) and "iso_currency_code" not in names


def _listed(description: str) -> list[str]:
    """The values that a description lists: "The type (this, that, or other)."."""
    inside = re.search(r"\((.*)\)", description)
    return re.split(r", or |, ", inside[1]) if inside else []


def _members(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, UnionType):
        for part in get_args(hint):
            yield from _members(part)
    else:
        yield hint


def _names(at: str, ours: Iterable[str], theirs: Iterable[str]) -> Iterator[str]:
    declared, documented = set(ours), set(theirs)
    yield from (f"{at}{name}: is documented, but not declared" for name in sorted(documented - declared))
    yield from (f"{at}{name}: is declared, but not documented" for name in sorted(declared - documented))
