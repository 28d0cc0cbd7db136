"""What an endpoint can be asked: filters with values that rows have, values next to them, and some that none has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from teamup_async import Endpoint
from teamup_async.query import Parameter

from .meanings import CANDIDATES, path_of
from .studio import Studio, moment, twin_of
from .timeframes import TIMEFRAMES

SHAPE = {"columns", "sort", "pivot", "max_pivot_columns", "expand", "fields", "extra_customer_fields"}
"""Parameters that leave out no row."""


def filters(endpoint: Endpoint[..., Any]) -> list[Parameter]:
    """The parameters that leave out rows."""
    return [parameter for parameter in endpoint.filters if parameter.name not in SHAPE]


def seen(studio: Studio, endpoint: Endpoint[..., Any], name: str) -> list[Any]:
    """The values that rows have of what a filter is about."""
    source = CANDIDATES.get((endpoint.full_name, name))
    if source is None:
        path = path_of(endpoint, name)
        if path is None:
            return []
        found = [
            v for row in studio.rows(endpoint.full_name) for v in studio.values(row, path.removeprefix("~"))
        ]
    elif " " in source:
        other, path = source.split(" ")
        found = [value for row in studio.rows(other) for value in studio.values(row, path)]
    else:
        found = [row[0] for row in studio.table(source, "id")]
    return sorted({value for value in found if isinstance(value, (str, int, float))}, key=str)


@st.composite
def values(draw: st.DrawFn, studio: Studio, endpoint: Endpoint[..., Any], parameter: Parameter) -> Any:
    """A value that a filter takes: one that rows have, one next to it, or one that none has."""
    one = scalars(studio, endpoint, parameter)
    if parameter.array:
        return draw(st.lists(one, min_size=1, max_size=3, unique_by=str))
    return draw(one)


def scalars(studio: Studio, endpoint: Endpoint[..., Any], parameter: Parameter) -> st.SearchStrategy[Any]:
    """One such value, or an item of a list of them."""
    name, kind = parameter.name, parameter.kind
    if parameter.enum:
        return st.sampled_from(parameter.enum)
    if kind == "boolean" or name.endswith("timeframe"):
        return st.booleans() if kind == "boolean" else st.sampled_from(TIMEFRAMES)
    found = seen(studio, endpoint, name)
    if kind in ("date-time", "date") or (name.endswith(("_gte", "_lte")) and kind == "string"):
        return times(found, parameter)
    if kind in ("integer", "number"):
        numbers = [int(value) for value in found if str(value).isdecimal()]
        return st.sampled_from([*numbers, 0, 7, 123_456_789])
    if parameter.pattern or name in ("instructors", "venue", "offering_type"):
        return ids(found, parameter)
    texts = [str(value) for value in found]
    return st.sampled_from([*texts, *(text[1:4].upper() for text in texts if len(text) > 4), "no such thing"])


def ids(found: list[Any], parameter: Parameter) -> st.SearchStrategy[str]:
    """Ids as text; the documents say of one parameter only that it may be several with commas between."""
    one = st.sampled_from([*map(str, found), "987654"])
    if parameter.name == "instructors" and not parameter.array:
        return one | st.lists(one, min_size=2, max_size=2).map(",".join)
    return one | st.just("none") if "none" in (parameter.pattern or "") else one


def times(found: list[Any], parameter: Parameter) -> st.SearchStrategy[Any]:
    """Times that rows have, or nearly, and any others."""
    texts = [value for value in found if isinstance(value, str)]
    there = st.sampled_from([moment(text) for text in texts]) if texts else st.nothing()
    others = st.datetimes(datetime(2023, 6, 1), datetime(2026, 6, 1), timezones=st.just(UTC))
    return (there | others).flatmap(lambda when: next_to(when, parameter))


def next_to(when: datetime, parameter: Parameter) -> st.SearchStrategy[Any]:
    """A time, or one a little earlier or later, as the parameter takes it."""
    if parameter.kind == "date":
        return st.sampled_from(
            [when.astimezone(UTC).date() + timedelta(days=days) for days in (0, -1, 1, 30)]
        )
    shifts = [timedelta(), timedelta(milliseconds=1), -timedelta(milliseconds=1), timedelta(microseconds=300)]
    moved = st.sampled_from([*shifts, timedelta(days=9), -timedelta(hours=5)]).map(lambda shift: when + shift)
    if parameter.local:
        return moved.map(lambda time: time.replace(tzinfo=None))
    zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))])
    placed = st.tuples(moved, zones).map(lambda pair: pair[0].astimezone(pair[1]))
    return placed if parameter.kind == "date-time" else placed.map(datetime.isoformat)


@st.composite
def questions(draw: st.DrawFn, studio: Studio, endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    """Some filters with values."""
    known = [parameter for parameter in filters(endpoint) if parameter.name != "id_gt"]
    if not known:
        return {}
    chosen = draw(st.lists(st.sampled_from(known), max_size=3, unique_by=lambda p: p.name))
    return {p.name: draw(values(studio, twin_of(endpoint), p)) for p in chosen}
