"""The documented lists and the objects they share (`lists.json`), in the form that `compare` reads."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from teamup_async.endpoint import Endpoint
from teamup_async.envelope import LIST
from tests.facts.compare import DOCUMENTED, HERE

__all__ = ["LISTS", "OBJECTS", "documented", "resolved"]

Fact = dict[str, Any]

_DOCUMENTS: dict[str, Any] = json.loads((HERE / "lists.json").read_text(encoding="utf-8"))

_FORMS = ("string", "integer", "array", "object", "number")
"""The order in which a declaration names what a value of several types can be."""


def resolved(fact: Mapping[str, Any]) -> Fact:
    """A documented field: what refers to a shared object names its schema, and variants are merged into one."""
    made: Fact = {**fact}
    if "ref" in made:
        return {**made, "type": made.get("type", "object"), "schema": made["ref"], "circular": True}
    if "items" in made:
        made["items"] = resolved(made["items"])
    if "expanded" in made:
        made["expanded"] = resolved(made["expanded"])
    variants = made.pop("one_of", None)
    if variants and all("fields" in variant for variant in variants):
        made["fields"] = merged(variants)
    elif variants:
        made["forms"] = forms(variants)
    elif "fields" in made:
        made["fields"] = [resolved(field) for field in made["fields"]]
    return made


def merged(variants: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """The fields that any variant of an object has: enums put together, several types as `forms`."""
    found: dict[str, list[Fact]] = {}
    for variant in variants:
        for field in variant["fields"]:
            found.setdefault(field["name"], []).append(field)
    return [_one(fields) for fields in found.values()]


def _one(fields: Sequence[Fact]) -> Fact:
    made = resolved(fields[0])
    enum = [value for field in fields for value in field.get("enum", ())]
    if enum:
        made["enum"] = list(dict.fromkeys(enum))
    if len({field.get("type") for field in fields}) > 1:
        made["forms"] = forms(fields)
    return made


def forms(variants: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """What a value of several types can be, each once; texts of several formats are plain text."""
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for variant in variants:
        by_type.setdefault(variant["type"], []).append(variant)
    made: list[Fact] = []
    for name in sorted(by_type, key=_FORMS.index):
        form: Fact = {"type": name}
        if name == "array":
            form["items"] = resolved(by_type[name][0]["items"])
        fields = [variant for variant in by_type[name] if "fields" in variant]
        if fields:
            form["fields"] = merged(fields)
        made.append(form)
    return made


def _fields(fact: Mapping[str, Any]) -> list[Fact]:
    if "one_of" in fact:
        return merged(fact["one_of"])
    return [resolved(field) for field in fact["fields"]]


OBJECTS: dict[str, list[Fact]] = {name: _fields(fact) for name, fact in _DOCUMENTS["objects"].items()}
"""The fields of each object that rows share, by the name of its schema."""

LISTS: dict[str, Fact] = {
    fact["name"]: {
        **fact,
        "row_fields": OBJECTS[fact["row_schema"]]
        if "row_schema" in fact
        else [resolved(field) for field in fact["row_fields"]],
    }
    for fact in _DOCUMENTS["lists"]
}
"""Each list that is declared but `course_sessions`, which `endpoints.json` has."""


def documented(endpoint: Endpoint[..., Any]) -> Fact:
    """What the documents say of an endpoint."""
    if endpoint.envelope is LIST and endpoint.name in LISTS:
        return LISTS[endpoint.name]
    return DOCUMENTED[endpoint.name]
