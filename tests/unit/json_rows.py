"""JSON that fits a row class, made from the types of its fields, as text: what a server may send."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import strategies as st

from teamup_async.endpoint import Endpoint

Text = st.SearchStrategy[str]

_words = st.text(max_size=8).map(json.dumps)
_zones = st.sampled_from(["", "Z", "+00:00", "+05:30", "-11:45"])
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
).map(json.dumps)
_exact = st.decimals(allow_nan=False, allow_infinity=False).map(str)

_SCALARS: dict[Any, Text] = {
    int: st.integers(-(2**70), 2**70).map(str),
    str: _words,
    bool: st.sampled_from(["true", "false"]),
    float: st.floats(allow_nan=False, allow_infinity=False).map(json.dumps) | st.integers(0, 99).map(str),
    Decimal: _exact | _exact.map(json.dumps),
    datetime: st.builds(
        "{}{}".format, st.datetimes(min_value=datetime(2, 1, 1)).map(datetime.isoformat), _zones
    ).map(json.dumps),
    date: st.dates().map(date.isoformat).map(json.dumps),
    time: st.times().map(time.isoformat).map(json.dumps),
    Any: _anything,
    NoneType: st.just("null"),
}


def text_of(hint: Any, levels: int = 3) -> Text:
    """JSON of a type; objects at most `levels` deep."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return st.one_of([text_of(each, levels) for each in arguments])
    if origin is Literal:
        return st.sampled_from(arguments).map(json.dumps)
    if origin is Mapping:
        return st.dictionaries(_words, text_of(arguments[1]), max_size=2).map(_object)
    if origin in (list, tuple):
        return st.lists(text_of(arguments[0], levels), max_size=2).map(lambda made: f"[{','.join(made)}]")
    return object_of(hint, levels) if attrs.has(hint) else _SCALARS[hint]


def object_of(cls: type, levels: int = 3) -> Text:
    """An object with any of its fields, and now and then one that nobody has heard of."""
    if levels == 0:
        return st.just("{}")
    fields: dict[str, Text] = {
        json.dumps(name): st.deferred(lambda hint=hint: text_of(hint, levels - 1))
        for name, hint in get_type_hints(cls).items()
    }
    some = st.lists(st.sampled_from(list(fields)), max_size=5, unique=True)
    known = some.flatmap(lambda names: st.fixed_dictionaries({name: fields[name] for name in names}))
    return st.builds(lambda a, b: _object({**b, **a}), known, st.sampled_from([{}, {}, {'"new"': "[{}]"}]))


def page_of(endpoint: Endpoint[..., Any]) -> Text:
    """A page of an endpoint with a few rows."""
    rows = st.lists(object_of(endpoint.row), max_size=3)
    total = st.integers(0, 2**63 - 1).map(str) | st.just("null")
    return st.builds(
        lambda rows, total: (
            f'{{"{endpoint.envelope.total}":{total},"{endpoint.envelope.rows}":[{",".join(rows)}]}}'
        ),
        rows,
        total,
    )


def _object(fields: dict[str, str]) -> str:
    return "{" + ",".join(f"{name}:{value}" for name, value in fields.items()) + "}"
