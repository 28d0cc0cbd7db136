"""All rows of a sandbox as anybody reads them over HTTP, and what a dotted path leads to in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import attrs

from teamup_async import Endpoint, endpoint_named
from teamup_async.sandbox import Sandbox

Row = dict[str, Any]
Verdict = bool | None
"""Whether a row stays; None where no row tells."""

EVERYTHING: Final[Mapping[str, Any]] = {
    "include_future": True,
    "include_deleted": True,
    "include_virtual": True,
}
"""What must be said so that no row is left out."""
REFERENCES: Final[Mapping[str, str]] = {
    "booking": "lists.attendances",
    "active_hold": "lists.customer_membership_holds",
    "course": "lists.courses",
    "course_session": "lists.course_sessions",
    "customer": "lists.customers",
    "customer_membership": "lists.customer_memberships",
    "event": "lists.events",
    "field": "lists.customer_fields",
    "membership": "lists.memberships",
    "offering_type": "offering_types",
    "venue": "lists.venues",
}
"""Where the object lies that a field of this name holds the id of."""

WHOLE: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "course_sessions_with_instructors": ("lists.course_sessions", ("instructors",)),
    "events_with_instructors": ("lists.events", ("instructors",)),
    "whole_forms": ("lists.customer_forms", ("offering_types", "memberships", "fields")),
}
"""Lists with objects in place of what is otherwise a URL."""


def sent(value: Any) -> str:
    """A value as it goes into a query string."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def deferred(row_class: type) -> list[str]:
    """The fields that are sent only when they are asked for."""
    return [f.name for f in attrs.fields(row_class) if f.metadata.get("teamup_async.deferred")]


@attrs.define(eq=False)
class Studio:
    """What one sandbox answers; every list of rows is read once."""

    sandbox: Sandbox
    _connection: HTTPConnection = attrs.field(init=False)
    _rows: dict[str, list[Row]] = attrs.field(factory=dict[str, list[Row]], init=False)
    _by_id: dict[str, dict[Any, Row]] = attrs.field(factory=dict[str, dict[Any, Row]], init=False)

    def __attrs_post_init__(self) -> None:
        where = urlsplit(self.sandbox.url)
        self._connection = HTTPConnection(where.hostname or "", where.port)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, endpoint: Endpoint[..., Any], asked: Mapping[str, Any]) -> Any:
        """The answer to one request; lists go out as the declaration says."""
        arrays = {parameter.name: parameter for parameter in endpoint.parameters}
        pairs: list[tuple[str, str]] = [("format", "json")]
        for name, value in asked.items():
            if not arrays[name].array:
                pairs.append((name, sent(value)))
            elif arrays[name].comma:
                pairs.append((name, ",".join(map(sent, value))))
            else:
                pairs += [(name, sent(each)) for each in value]
        path = urlsplit(self.sandbox.url).path + endpoint.path
        self._connection.request(
            "GET", f"{path}?{urlencode(pairs)}", headers={"Authorization": f"Token {self.sandbox.token}"}
        )
        response = self._connection.getresponse()
        body = response.read()
        assert response.status == 200, (endpoint.full_name, asked, body)
        return json.loads(body)

    def all_of(self, endpoint: Endpoint[..., Any], asked: Mapping[str, Any]) -> list[Row]:
        """The rows of every page."""
        found: list[Row] = []
        total = 1
        while len(found) < total:
            page = {"page": len(found) // 100 + 1, "page_size": 100}
            answer = self.get(endpoint, {**asked, **page})
            total = answer[endpoint.envelope.total]
            found += answer[endpoint.envelope.rows]
            if not answer[endpoint.envelope.rows]:
                break
        assert len(found) == total
        return found

    def rows(self, name: str) -> list[Row]:
        """Every row of an endpoint that is not grouped, deferred fields included, by its full name."""
        if name not in self._rows:
            self._rows[name] = list(self._offering_types() if name == "offering_types" else self._read(name))
        return self._rows[name]

    def _read(self, name: str) -> Iterator[Row]:
        name, expand = WHOLE.get(name, (name, ()))
        endpoint = endpoint_named(name)
        takes = {parameter.name for parameter in endpoint.filters}
        asked: dict[str, Any] = {key: value for key, value in EVERYTHING.items() if key in takes}
        if "expand" in takes:
            expand = [*expand, *deferred(endpoint.row)]
            asked |= {"expand": expand} if expand else {}
        found = self.all_of(endpoint, asked)
        if name == "lists.customers":
            found += self.all_of(endpoint, {**asked, "deleted": True})
        return iter(found)

    def _offering_types(self) -> Iterator[Row]:
        """No list has them; those that something is offered of are in events and courses."""
        inner = [
            "offering_type",
            *(f"offering_type.{name}" for name in ("memberships", "registration_timelines")),
        ]
        for name in ("lists.events", "lists.courses"):
            found = self.all_of(endpoint_named(name), {"expand": inner})
            yield from {row["offering_type"]["id"]: row["offering_type"] for row in found}.values()

    def one(self, name: str, key: Any) -> Row | None:
        """The row with this id."""
        if name not in self._by_id:
            self._by_id[name] = {row["id"]: row for row in self.rows(name)}
        return self._by_id[name].get(int(key))

    def values(self, row: Row, path: str) -> list[Any]:
        """What a path leads to, through every object of a list, through ids to the objects that have them.

        ``id -> lists.attendances -> venue`` goes on in another endpoint's row with the same id.
        """
        first, *more = path.split(" -> ")
        found = self._step([row], first.split("."))
        for name, rest in zip(more[::2], more[1::2], strict=True):
            there = [other for key in found if (other := self.one(name, key)) is not None]
            found = self._step(there, rest.split("."))
        return found

    def _step(self, found: list[Any], names: Iterable[str]) -> list[Any]:
        above = ""
        for name in names:
            objects = (self.one(REFERENCES[above], each) if isinstance(each, int) else each for each in found)
            nexts = [each.get(name) for each in objects if isinstance(each, dict)]
            found = [each for value in nexts for each in (value if isinstance(value, list) else [value])]
            found = [each for each in found if each is not None]
            above = name
        return found

    def table(self, name: str, *columns: str) -> list[tuple[Any, ...]]:
        """The contents of a table, for what no endpoint shows."""
        return self.sandbox.sql(f"SELECT {', '.join(columns)} FROM {name}")


Meaning = Callable[[Studio, Row, Any], Verdict]
"""What a filter leaves: a row and the value that was asked for, to a verdict."""


@cache
def twin_of(endpoint: Endpoint[..., Any]) -> Endpoint[..., Any]:
    """The report whose rows a grouped report groups."""
    if endpoint.full_name == "reports.instructors":
        return endpoint_named("reports.instructed_sessions")
    return endpoint_named(endpoint.full_name.removesuffix(".grouped"))


def moment(text: str) -> datetime:
    """A time of the rows; a day begins at midnight in UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def local_time(studio: Studio, row: Row, path: str) -> datetime:
    """The wall clock at the venue when what `path` leads to starts, without a time zone."""
    prefix = f"{path}." if path else ""
    [starts_at] = studio.values(row, f"{prefix}starts_at")
    [zone] = studio.values(row, f"{prefix}venue.timezone")
    return moment(starts_at).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
