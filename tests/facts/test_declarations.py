"""The declarations say what the API's documents say: nothing forgotten, nothing invented."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_type_hints

import attrs
import pytest

from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS, endpoint_named
from teamup_async.envelope import LIST, REPORT
from teamup_async.query import Parameter
from teamup_async.rows import expandable_paths, field_paths, run_time_field
from tests.facts.compare import (
    DOCUMENTED,
    FACTS,
    RowComparison,
    column_problems,
    endpoint_problems,
    parameter_problems,
)

ROW_SCHEMAS = {"course_sessions": "CourseSessionRead"}

COMPARED = [e for e in ENDPOINTS if e.envelope.headed or e.name == "course_sessions"]
"""The reports, and the list whose rows hold most; the other lists are compared in `test_lists`."""

by_endpoint = pytest.mark.parametrize("endpoint", COMPARED, ids=lambda endpoint: endpoint.name)


def compared(endpoint: Endpoint[..., Any]) -> tuple[RowComparison, list[str]]:
    """The comparison of an endpoint's rows, and what it found."""
    fact = DOCUMENTED[endpoint.name]
    comparison = RowComparison(ROW_SCHEMAS.get(endpoint.name, ""), fact)
    return comparison, comparison.problems(endpoint.row, fact["row_fields"])


def test_endpoints():
    """All 32 documented reports are declared, and no other."""
    assert len(COMPARED) == 33
    assert sorted(endpoint.name for endpoint in COMPARED) == sorted(DOCUMENTED)


@by_endpoint
def test_endpoint(endpoint):
    """Path, envelope, every parameter with all its limits, and every column are as documented."""
    assert endpoint_problems(endpoint, DOCUMENTED[endpoint.name]) == []


@by_endpoint
def test_rows(endpoint):
    """Every field of a row, at every depth, has the documented name, order, type, values and marks."""
    assert compared(endpoint)[1] == []


@by_endpoint
def test_counts(endpoint):
    """Only rows that get columns at run time (a pivot, customer fields) have the field that no document knows."""
    parameters = {parameter.name for parameter in endpoint.filters}
    named = {"counts": "pivot" in parameters, "extra_customer_fields": "extra_customer_fields" in parameters}

    assert run_time_field(endpoint.row) == next((name for name, there in named.items() if there), None)


@by_endpoint
def test_empty_rows(endpoint):
    """Any field may be absent: each class in a row can be made of nothing, and is frozen."""
    for cls, _ in compared(endpoint)[0].pairs:
        assert cls() == cls()
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            cls().anything = 1


@by_endpoint
def test_headers(endpoint):
    """The two headers that course sessions document are those of all endpoints' requests."""
    headers = [header["name"].lower() for header in DOCUMENTED[endpoint.name].get("header_parameters", ())]

    assert headers in ([], ["teamup-provider-id", "teamup-request-mode"])


def test_envelopes():
    """The keys of the two envelopes are the documented ones."""
    for envelope in (REPORT, LIST):
        documented = [field["name"] for field in FACTS["envelopes"][envelope.name]]

        assert {envelope.total, envelope.rows} < set(documented)


@pytest.mark.parametrize("export", FACTS["exports"], ids=lambda export: export["name"])
def test_exports(export):
    """The export of a report takes what the report takes, but for its pages."""
    report = endpoint_named(f"reports.{export['name']}")

    assert (export["method"], export["path"]) == ("POST", report.export_path)
    assert sorted(export["body"]) == sorted(["format", *(parameter.name for parameter in report.filters)])


# --- expand and fields ------------------------------------------------------------------------------------

Fields = Sequence[Mapping[str, Any]]


def object_in(fact: Mapping[str, Any], schemas: dict[str, Fields]) -> Fields:
    """The documented fields of what a field holds once expanded, back references resolved."""
    form = fact.get("expanded") or fact
    item = form.get("items") or form
    if item.get("circular"):
        return schemas[item.get("schema") or form["schema"]]
    fields = item.get("fields", ())
    if "schema" in form and fields:
        schemas.setdefault(form["schema"], fields)
    return fields


def documented_paths(
    fields: Fields, schemas: dict[str, Fields], only: tuple[str, ...], level: int = 1
) -> Iterator[str]:
    """Paths of the documented fields (those with a mark of `only`), four levels deep."""
    for fact in fields:
        inner = object_in(fact, schemas)
        if not only or any(fact.get(mark) for mark in only):
            yield fact["name"]
            if level < 4:
                for path in documented_paths(inner, schemas, only, level + 1):
                    yield f"{fact['name']}.{path}"


@pytest.mark.parametrize("only", [("expandable", "deferred"), ()], ids=["expand", "fields"])
def test_paths(only):
    """`expand` takes each expandable and deferred field, `fields` each field, both down to four levels."""
    sessions = DOCUMENTED["course_sessions"]["row_fields"]
    row = endpoint_named("course_sessions").row
    declared = expandable_paths(row) if only else field_paths(row)
    documented = list(documented_paths(sessions, {"CourseSessionRead": sessions}, only))

    assert len(documented) > 20
    assert sorted(declared) == sorted(documented)


# --- the comparison itself --------------------------------------------------------------------------------

CHANGED: dict[type, Any] = {str: "invented", bool: True, int: 7, tuple: ("invented",), type(None): 7}


@by_endpoint
def test_parameters_can_fail(endpoint):
    """A parameter that is dropped, invented, or changed in any one property is reported by name."""
    documented = DOCUMENTED[endpoint.name]["query_parameters"]
    invented = Parameter(name="invented", kind="string")

    assert parameter_problems((*endpoint.parameters, invented), documented) == [
        "invented: is declared, but not documented"
    ]
    for index, parameter in enumerate(endpoint.parameters):
        others = (*endpoint.parameters[:index], *endpoint.parameters[index + 1 :])
        missing = f"{parameter.name}: is documented, but not declared"

        assert parameter_problems(others, documented) == [missing]
        for field in attrs.fields(Parameter):
            if field.name in ("name", "description"):
                continue
            said = getattr(parameter, field.name)
            changed = {"kind": "number", "default": "invented"}.get(field.name, CHANGED[type(said)])
            mutant = attrs.evolve(parameter, **{field.name: (not said) if said is True else changed})
            (problem,) = parameter_problems((*others, mutant), documented)

            assert problem.startswith(f"{parameter.name}: {field.name} is declared ")
        if len(parameter.enum) > 1:
            mutant = attrs.evolve(parameter, enum=parameter.enum[::-1])

            assert len(parameter_problems((*others, mutant), documented)) == 1


@by_endpoint
def test_endpoint_can_fail(endpoint):
    """A changed name, title, path, envelope or group mark of an endpoint is reported."""
    fact = DOCUMENTED[endpoint.name]
    for changes in (
        {"name": "invented"},
        {"title": "Invented"},
        {"path": f"{endpoint.path}s"},
        {"grouped": not endpoint.grouped},
        {"envelope": LIST if endpoint.envelope is REPORT else REPORT},
        {"row": attrs.make_class("Invented", {"invented": attrs.field(type=str)})},
    ):
        assert endpoint_problems(attrs.evolve(endpoint, **changes), fact) != [], changes


@pytest.mark.parametrize(
    "endpoint", [e for e in COMPARED if e.envelope.headed], ids=lambda endpoint: endpoint.name
)
def test_columns_can_fail(endpoint):
    """An alias that is forgotten, invented, or points elsewhere is reported."""
    documented = DOCUMENTED[endpoint.name]["columns"]
    for alias in endpoint.aliases:
        forgotten = {key: path for key, path in endpoint.aliases.items() if key != alias}
        for aliases in (
            forgotten,
            {**endpoint.aliases, alias: "invented"},
            {**endpoint.aliases, "new": "id"},
        ):
            assert column_problems(attrs.evolve(endpoint, aliases=aliases), documented) != []


def variants(cls: type) -> Iterator[tuple[str, type]]:
    """The class with one mistake each, and the name of the field concerned."""
    hints = get_type_hints(cls)
    fields = {
        name: attrs.field(default=field.default, type=hints[name], metadata=dict(field.metadata))
        for name, field in attrs.fields_dict(cls).items()
        if name != run_time_field(cls)
    }

    def made(changed: dict[str, Any]) -> type:
        # Without methods: only its fields are looked at, and there are thousands of mutants.
        return attrs.make_class(cls.__name__, changed, slots=False, init=False, repr=False, eq=False)

    yield "invented", made({**fields, "invented": attrs.field(default=None, type=int | None)})
    if len(fields) > 1:
        first, *others = fields
        yield "order", made({name: fields[name] for name in (*others, first)})
    for name, field in attrs.fields_dict(made(fields)).items():
        other = {"default": field.default, "metadata": dict(field.metadata)}
        retyped = bytes | None
        yield name, made({key: value for key, value in fields.items() if key != name})
        yield name, made({(f"{k}_" if k == name else k): v for k, v in fields.items()})
        yield name, made({**fields, name: attrs.field(type=retyped, **other)})
        yield name, made({**fields, name: attrs.field(type=list[hints[name]], **other)})
        yield (
            name,
            made({**fields, name: attrs.field(type=field.type, metadata=other["metadata"], kw_only=True)}),
        )
        yield name, made({**fields, name: attrs.field(type=field.type, default=None, metadata={"mark": 1})})


@by_endpoint
def test_rows_can_fail(endpoint):
    """Each field of each class in a row: dropped, renamed, retyped, made a list, required or marked, it is reported."""
    reported = 0
    for cls, fields in compared(endpoint)[0].pairs:
        for name, mutant in variants(cls):
            found = RowComparison("", DOCUMENTED[endpoint.name]).problems(mutant, fields)

            assert any(problem.startswith(name) or name in problem for problem in found), (cls, name)
            reported += 1

    fields = sum(len(variant.__attrs_attrs__) for variant, _ in compared(endpoint)[0].pairs)
    assert reported > 5 * fields


def test_values_can_fail():
    """A value of a row's enum that is forgotten, invented or closed to others is reported."""
    comparison, fact = RowComparison("", DOCUMENTED["attendances"]), {"enum": ["a", "b"]}
    for values, is_open in ((["a"], True), (["a", "b", "c"], True), (["a", "b"], False)):
        assert len(list(comparison._enum(values, is_open, fact, "path"))) == 1
    assert list(comparison._enum(["invented"], True, {}, "path")) != []


def test_nesting_can_fail():
    """A class that stands for another one than the document's back reference is reported."""
    comparison = RowComparison("CourseSessionRead", DOCUMENTED["course_sessions"])
    other = attrs.make_class("Other", [])
    comparison.problems(endpoint_named("course_sessions").row, DOCUMENTED["course_sessions"]["row_fields"])

    for schema in ("CourseSessionRead", "VenueRead", "Instructor"):
        fact = {"type": "object", "schema": schema, "circular": True}

        assert list(comparison._form(other, fact, "here")) == [
            f"here: is declared Other, documented {schema}"
        ]
