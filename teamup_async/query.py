"""What an attrs query class needs: its parameters as data, validation, and encoding to ``(name, value)``
pairs.

A query class is declared with plain attrs; the type annotation of a field says what the parameter takes, and
the metadata made by `limits` what the annotation cannot say. Everything else (validation, encoding, the CLI's
options, the sandbox's checks, the reference table) reads `parameters`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Generic, Literal, TypeGuard, TypeVar

import attrs

from ._memo import memo
from .errors import QueryError, nearest, shown
from .hints import hints_of, item_of, read

__all__ = [
    "ArrayEncoding",
    "Kind",
    "ListQuery",
    "Parameter",
    "Query",
    "Row",
    "encode",
    "limits",
    "parameters",
    "validate",
]

Kind = Literal["integer", "number", "string", "boolean", "date-time", "date"]
ArrayEncoding = Literal["repeat", "comma", "brackets"]
Row = TypeVar("Row")

_LIMITS = "teamup_async.limits"
_TOO_LARGE = 2**63
_KINDS: dict[type, Kind] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "number",
    datetime: "date-time",
    date: "date",
}


@attrs.frozen(kw_only=True)
class Parameter:
    """One query parameter, as the API document states it (`array`: of `kind`; `enum`: its values as they are
    sent; `local`: in the venue's own time).
    """

    name: str
    kind: Kind
    array: bool = False
    required: bool = False
    enum: tuple[str, ...] = ()
    default: Any = None
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    min_length: int | None = None
    comma: bool = False
    local: bool = False
    description: str = ""


def limits(
    description: str = "",
    *,
    default: Any = None,
    minimum: int | None = None,
    maximum: int | None = None,
    pattern: str | None = None,
    min_items: int | None = None,
    min_length: int | None = None,
    comma: bool = False,
    local: bool = False,
) -> dict[str, Any]:
    """Metadata of a query field: its description, and the documented limits that its annotation can't express.

    * `default`: the documented default. It is not sent.
    * `minimum`, `maximum`: of a number.
    * `pattern`: a regular expression that text must match.
    * `min_items`: of a list. `min_length`: of each text.
    * `comma`: a list is documented as comma-separated.
    * `local`: a time without a zone, in the venue's own.

    The metadata goes into ``attrs.field(metadata=...)``. A query that breaks a limit raises `QueryError`.
    """
    given = {k: v for k, v in locals().items() if v is not None}
    return {_LIMITS: given}


@attrs.frozen(kw_only=True)
class Query(Generic[Row]):
    """Base of the query classes; `Row` is what the endpoint yields. Making one may raise `QueryError`."""

    def __attrs_post_init__(self) -> None:
        validate(self)
        for parameter in parameters(type(self)):
            value = getattr(self, parameter.name)
            if parameter.array and value is not None:  # a copy: what was checked is what will be sent
                object.__setattr__(self, parameter.name, tuple(value))


@attrs.frozen(kw_only=True)
class ListQuery(Query[Row]):
    """Base of the query classes of lists that can send objects whole, or a choice of fields.

    API documents: all "List" pages but "Customer Field Values" and "Payment Methods"; guide
    "expanding-responses".
    """

    expand: Sequence[str] | None = attrs.field(
        default=None,
        metadata=limits(
            "Objects to send whole instead of as an id or URL; dots reach deeper, four levels at most.",
            comma=True,
        ),
    )
    fields: Sequence[str] | None = attrs.field(
        default=None, metadata=limits("Fields to return; dots reach into objects.", comma=True)
    )


@memo
def parameters(query_class: type[Query[Any]]) -> tuple[Parameter, ...]:
    """The parameters that a query class declares and inherits, by name."""
    hints = hints_of(query_class)
    fields = sorted(attrs.fields(query_class), key=lambda field: field.name)
    return tuple(_parameter(field, hints[field.name]) for field in fields)


def _parameter(field: attrs.Attribute[Any], hint: Any) -> Parameter:
    said = read(hint)
    items = [item for form in said.forms if (item := item_of(form, (Sequence,))) is not None]
    if items:
        said = read(items[0])
    if not (said.values or str in said.forms or (said.forms and said.forms[0] in _KINDS)):
        raise TypeError(f"{field.name} is declared {hint}, which no parameter can be")
    kind: Kind = (
        "string" if str in said.forms else _KINDS[said.forms[0] if said.forms else type(said.values[0])]
    )
    return Parameter(
        name=field.name,
        kind=kind,
        array=bool(items),
        required=field.default is attrs.NOTHING,
        enum=tuple(map(str, said.values)),
        **field.metadata.get(_LIMITS, {}),
    )


def validate(query: Query[Any]) -> None:
    """Check every value of a query against its declaration; raises `QueryError` at the first that can't be
    sent.
    """
    for parameter in parameters(type(query)):
        value = getattr(query, parameter.name)
        if value is None:
            if parameter.required:
                raise QueryError(
                    f"{parameter.name} is required", parameter=parameter.name, allowed=parameter.enum
                )
        elif parameter.array:
            _check_array(parameter, value)
        else:
            check_scalar(parameter, value)


def _is_list(value: Any) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, (Sequence, set, frozenset))


def _check_array(parameter: Parameter, value: Any) -> None:
    if isinstance(value, (str, bytes)) or not _is_list(value):
        raise QueryError(
            f"{parameter.name} takes a list, {parameter.name}=[...], not {shown(value, 60)}",
            parameter=parameter.name,
            value=value,
            allowed=parameter.enum,
        )
    items: list[Any] = list(value)
    if parameter.min_items and len(items) < parameter.min_items:
        raise QueryError(
            f"{parameter.name} needs at least {parameter.min_items} value{'s' if parameter.min_items > 1 else ''}"
            + (f", of: {', '.join(parameter.enum)}" if parameter.enum else ""),
            parameter=parameter.name,
            value=value,
            allowed=parameter.enum,
        )
    for item in items:
        check_scalar(parameter, item)


def check_scalar(parameter: Parameter, value: Any) -> None:
    """Check one value (an item, where the parameter is an array); raises `QueryError`."""
    name = parameter.name
    if parameter.enum:
        if (str(value) if _is_whole(parameter, value) else value) not in parameter.enum:
            _refuse_enum(parameter, value)
        return
    problem = _PROBLEMS[parameter.kind](parameter, value)
    if problem is None and parameter.kind in ("integer", "number"):
        if parameter.minimum is not None and value < parameter.minimum:
            problem = f"must be {parameter.minimum} or more"
        elif parameter.maximum is not None and value > parameter.maximum:
            problem = f"must be {parameter.maximum} or less"
    if problem is not None:
        raise QueryError(f"{name} {problem}, not {shown(value, 80)}", parameter=name, value=value)


def _is_whole(parameter: Parameter, value: Any) -> bool:
    return parameter.kind == "integer" and _no_integer(parameter, value) is None


def _refuse_enum(parameter: Parameter, value: Any) -> None:
    near = nearest(value, parameter.enum) if isinstance(value, str) else None
    hint = f"; did you mean {near!r}?" if near else "."
    raise QueryError(
        f"{parameter.name} does not know {shown(value, 80)}{hint} Allowed: {', '.join(parameter.enum)}",
        parameter=parameter.name,
        value=value,
        allowed=parameter.enum,
        suggestion=near,
    )


def _no_integer(_: Parameter, value: Any) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "must be a whole number"
    return None if abs(value) < _TOO_LARGE else "must be a whole number of at most 64 bits"


def _no_number(parameter: Parameter, value: Any) -> str | None:
    if isinstance(value, int):
        return _no_integer(parameter, value) and "must be a number"
    finite = value.is_finite() if isinstance(value, Decimal) else isinstance(value, float) and isfinite(value)
    return None if finite else "must be a number"


def _no_boolean(_: Parameter, value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be True or False"


def _no_datetime(parameter: Parameter, value: Any) -> str | None:
    if not isinstance(value, datetime):
        return "must be a datetime"
    aware = value.tzinfo is not None and value.utcoffset() is not None
    if parameter.local:
        return "is in the venue's own time and must be a datetime without a time zone" if aware else None
    return (
        None
        if aware
        else "must be a datetime with a time zone (for example datetime(2025, 1, 1, tzinfo=UTC))"
    )


def _no_date(_: Parameter, value: Any) -> str | None:
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    return None if is_day else "must be a date without a time (for example date(2025, 1, 31))"


def _no_string(parameter: Parameter, value: Any) -> str | None:
    if isinstance(value, datetime):
        return _no_datetime(attrs.evolve(parameter, kind="date-time"), value)
    if isinstance(value, int) and (parameter.pattern or not parameter.array):  # an id
        return "must be text" if _no_integer(parameter, value) else _no_text(parameter, str(value))
    return _no_text(parameter, str.__str__(value)) if isinstance(value, str) else "must be text"


def _no_text(parameter: Parameter, text: str) -> str | None:
    if parameter.min_length and len(text) < parameter.min_length:
        return "must not be empty"
    if parameter.pattern and not re.fullmatch(
        parameter.pattern.removeprefix("^").removesuffix("$"), text, re.ASCII
    ):
        return f"must match {parameter.pattern}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "must be encodable as UTF-8"
    return None


_PROBLEMS = {
    "integer": _no_integer,
    "number": _no_number,
    "boolean": _no_boolean,
    "date-time": _no_datetime,
    "date": _no_date,
    "string": _no_string,
}


def encode_value(value: Any) -> str:
    """One value as it goes into the URL (before percent-encoding)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):  # or a datetime, which is one
        return value.isoformat()
    if isinstance(value, int):
        return str(int(value))
    return str.__str__(value) if isinstance(value, str) else str(value)  # not the name of an enum's member


def encode_pairs(
    parameter: Parameter, value: Any, arrays: ArrayEncoding = "repeat"
) -> Iterator[tuple[str, str]]:
    """The ``(name, value)`` pairs of one parameter; `arrays` says how lists go out where no document
    states it.
    """
    if not parameter.array:
        yield parameter.name, encode_value(value)
        return
    items = [encode_value(item) for item in value]
    if parameter.comma or arrays == "comma":
        for item in items:
            if "," in item:
                raise QueryError(
                    f"{parameter.name} is sent comma-separated and takes no value with a comma, not"
                    f" {shown(item, 80)}",
                    parameter=parameter.name,
                    value=item,
                )
        if items:
            yield parameter.name, ",".join(items)
    else:
        name = f"{parameter.name}[]" if arrays == "brackets" else parameter.name
        for item in items:
            yield name, item


def encode(
    query: Query[Any], arrays: ArrayEncoding = "repeat", *, skip: Iterable[str] = ()
) -> list[tuple[str, str]]:
    """All pairs of a query, by name, without those named in `skip`.

    API document: guide "expanding-responses" (comma-separated `expand` and `fields`); no document states the
    encoding of other arrays, hence `arrays`.
    """
    skipped = set(skip)
    pairs: list[tuple[str, str]] = []
    for parameter in parameters(type(query)):
        value = getattr(query, parameter.name)
        if value is not None and parameter.name not in skipped:
            pairs.extend(encode_pairs(parameter, value, arrays))
    return pairs
