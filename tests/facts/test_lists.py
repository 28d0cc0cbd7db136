"""The lists and the objects they share are declared as the API's documents say: nothing forgotten, nothing invented."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest

from teamup_async._decoding.exact import structure_page
from teamup_async._decoding.fast import decode
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS
from teamup_async.envelope import LIST
from teamup_async.lists import objects
from teamup_async.query import Parameter
from teamup_async.rows import expandable_paths, field_paths
from tests.facts.compare import RowComparison, endpoint_problems, example, parameter_problems
from tests.facts.lists import LISTS, OBJECTS
from tests.facts.test_declarations import variants
from tests.facts.test_examples import assert_same

DECLARED: list[Endpoint[..., Any]] = [
    e for e in ENDPOINTS if e.envelope is LIST and e.name != "course_sessions"
]

CONTRADICTIONS = {
    "events": {
        # Described as ids separated by commas, or ``me``; typed as one number all the same.
        "instructors": {"type": "string", "array": True, "pattern": r"^(\d+|me)$"},
    }
}
"""What documents say of a parameter in words, where their types say something else."""

INCOMPLETE = {"events"}
"""Lists whose document breaks off."""


def shared_classes() -> dict[str, type]:
    """The classes of the shared objects, by the name of their schema."""
    found: dict[str, list[type]] = {}
    for path in sorted(Path(objects.__path__[0]).glob("[a-z]*.py")):
        module = import_module(f"{objects.__name__}.{path.stem}")
        for name in module.__all__:
            found.setdefault(name, []).append(getattr(module, name))
    assert all(len(classes) == 1 for classes in found.values())
    return {schema: found[schema.removesuffix("Read")][0] for schema in OBJECTS}


CLASSES = shared_classes()

by_list = pytest.mark.parametrize("endpoint", DECLARED, ids=lambda endpoint: endpoint.name)
by_object = pytest.mark.parametrize("schema", OBJECTS)
both_paths = pytest.mark.parametrize("read", [decode, structure_page])


def fact_of(endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    """What the document says of a list, contradictions settled."""
    fact = LISTS[endpoint.name]
    settled = CONTRADICTIONS.get(endpoint.name, {})
    parameters = [{**p, **settled.get(p["name"], {})} for p in fact["query_parameters"]]
    return {**fact, "query_parameters": parameters}


def comparison(endpoint: Endpoint[..., Any] | None = None) -> RowComparison:
    """A comparison of rows that knows the classes of all shared objects."""
    made = RowComparison("", {"query_parameters": []} if endpoint is None else fact_of(endpoint))
    made.schemas.update(CLASSES)
    return made


def row_problems(endpoint: Endpoint[..., Any]) -> list[str]:
    """How the rows of a list differ from its document."""
    fact = fact_of(endpoint)
    made = comparison(endpoint)
    problems = made.problems(endpoint.row, fact["row_fields"])
    schema = fact.get("row_schema")
    if schema is not None and CLASSES[schema] is not endpoint.row:
        problems.append(f"row: is declared {endpoint.row.__name__}, documented {schema}")
    return problems


def test_all_lists():
    """Every list of data and of reference data without path parameters is declared, and no other."""
    assert {endpoint.name for endpoint in DECLARED} == set(LISTS)
    assert {fact["classification"] for fact in LISTS.values()} == {"data", "reference data"}
    assert {endpoint.path for endpoint in DECLARED} == {fact["path"] for fact in LISTS.values()}
    assert len(LISTS) == 38


@by_list
def test_list(endpoint):
    """Path, envelope and every parameter with all its limits are as documented, also whether one can be retrieved."""
    fact = fact_of(endpoint)

    assert endpoint_problems(endpoint, fact) == []
    assert endpoint.retrieve == ("retrieve_path" in fact)
    assert fact.get("retrieve_path", f"{endpoint.path}/{{id}}") == f"{endpoint.path}/{{id}}"
    assert [header["name"].lower() for header in fact["header_parameters"]] == [
        "teamup-provider-id",
        "teamup-request-mode",
    ]


@by_list
def test_rows(endpoint):
    """Every field of a row, at every depth, has the documented name, order, type, values and marks."""
    assert row_problems(endpoint) == []


@by_object
def test_objects(schema):
    """Every field of a shared object is as documented, and each object has one class."""
    assert comparison().problems(CLASSES[schema], OBJECTS[schema]) == []


def test_incomplete():
    """A list whose document breaks off says so where people read."""
    assert {name for name, fact in LISTS.items() if not fact["row_schema_complete"]} == INCOMPLETE
    for endpoint in DECLARED:
        assert ("The document is incomplete" in (endpoint.row.__doc__ or "")) == (endpoint.name in INCOMPLETE)


@by_list
def test_empty_rows(endpoint):
    """Any field may be absent: each class in a row can be made of nothing, and is frozen."""
    made = comparison(endpoint)
    made.problems(endpoint.row, fact_of(endpoint)["row_fields"])
    for cls, _ in made.pairs:
        assert cls() == cls()
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            cls().anything = 1


# --- expand and fields ------------------------------------------------------------------------------------


def inner_fields(fact: dict[str, Any]) -> list[dict[str, Any]]:
    """The documented fields of the object that a field holds, itself, expanded or in a list."""
    for form in (fact.get("expanded") or fact, *fact.get("forms", ())):
        item = form.get("items") or form
        found: list[dict[str, Any]] = (
            OBJECTS[item["schema"]] if item.get("circular") else item.get("fields", [])
        )
        if found:
            return found
    return []


def documented_paths(fields: list[dict[str, Any]], only: tuple[str, ...], level: int = 1) -> Iterator[str]:
    """Paths of the documented fields (those with a mark of `only`), four levels deep."""
    for fact in fields:
        if not only or any(fact.get(mark) for mark in only):
            yield fact["name"]
        if level < 4:
            for path in documented_paths(inner_fields(fact), only, level + 1):
                yield f"{fact['name']}.{path}"


@by_list
@pytest.mark.parametrize("only", [("expandable", "deferred"), ()], ids=["expand", "fields"])
def test_paths(endpoint, only):
    """`expand` takes each expandable and deferred field, `fields` each field; both end four levels deep."""
    declared = expandable_paths(endpoint.row) if only else field_paths(endpoint.row)

    assert sorted(declared) == sorted(documented_paths(fact_of(endpoint)["row_fields"], only))


# --- examples ---------------------------------------------------------------------------------------------


@by_list
@both_paths
def test_examples(endpoint, read):
    """The example answer of each list keeps each of its values, on the fast and on the exact path."""
    # The documents' own example of a time of day is no time.
    body = re.sub(rb'("(?:start|end)": *)"string"', rb'\1"09:30:00"', example(f"lists/{endpoint.name}"))
    sent = json.loads(body)
    page = read(endpoint, body)

    assert len(page.rows) > 0
    assert all(type(row) is endpoint.row for row in page.rows)
    assert_same(page.rows, sent["results"])


@both_paths
def test_values_of_fields(read):
    """An answer of a customer keeps its form: a number, text, choices, an object; so does the amount of a discount."""
    answers = [
        7,
        "2025-01-31",
        "0.10",
        ["a", "b"],
        {"answer": True, "explanation": "x"},
        {"city": "Ghent"},
        None,
    ]
    values, codes = (
        next(e for e in DECLARED if e.name == name) for name in ("customer_field_values", "discount_codes")
    )

    def rows(endpoint: Endpoint[..., Any], field: str, sent: list[Any]) -> list[Any]:
        body = json.dumps({"count": len(sent), "results": [{field: value} for value in sent]}).encode()
        return [getattr(row, field) for row in read(endpoint, body).rows]

    assert_same(rows(values, "value", answers), answers)
    assert_same(rows(codes, "discount_amount", [12.5, {"percent": 1}, None]), [12.5, {"percent": 1}, None])


# --- the comparison itself --------------------------------------------------------------------------------


@by_list
def test_list_can_fail(endpoint):
    """A parameter that is dropped or invented, another path, title or page size: each is reported."""
    fact = fact_of(endpoint)
    invented = Parameter(name="invented", kind="string")

    assert parameter_problems((*endpoint.parameters, invented), fact["query_parameters"]) == [
        "invented: is declared, but not documented"
    ]
    for parameter in endpoint.parameters:
        others = tuple(p for p in endpoint.parameters if p is not parameter)
        for mutant in (
            None,
            attrs.evolve(parameter, kind="boolean"),
            attrs.evolve(parameter, array=not parameter.array),
            attrs.evolve(parameter, comma=not parameter.comma),
            attrs.evolve(parameter, local=not parameter.local),
            attrs.evolve(parameter, enum=("invented",)),
            attrs.evolve(parameter, required=not parameter.required),
        ):
            if mutant != parameter:
                declared = others if mutant is None else (*others, mutant)
                (problem,) = parameter_problems(declared, fact["query_parameters"])
                assert problem.startswith(f"{parameter.name}: ")
    for changes in (
        {"name": "invented"},
        {"title": "Invented"},
        {"path": f"{endpoint.path}s"},
        {"max_page_size": 99},
        {"row": attrs.make_class("Invented", {"id": attrs.field(type=str)} if not endpoint.has_id else {})},
    ):
        assert endpoint_problems(attrs.evolve(endpoint, **changes), fact) != [], changes


@by_list
def test_rows_can_fail(endpoint):
    """Each field of each class in a row: dropped, renamed, retyped, made a list, required or marked, it is reported."""
    made = comparison(endpoint)
    made.problems(endpoint.row, fact_of(endpoint)["row_fields"])
    reported = 0
    for cls, fields in made.pairs:
        for name, mutant in variants(cls):
            found = comparison(endpoint).problems(mutant, fields)

            assert any(problem.startswith(name) or name in problem for problem in found), (cls, name)
            reported += 1

    assert reported > 6 * len(fact_of(endpoint)["row_fields"])


@by_object
def test_objects_can_fail(schema):
    """A reference to another shared object than the documented one is reported."""
    other = attrs.make_class("Other", [])
    fact = {"type": "object", "schema": schema, "circular": True}

    assert list(comparison()._form(other, fact, "here")) == [f"here: is declared Other, documented {schema}"]
