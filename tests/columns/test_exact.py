"""Pages straight to columns, and by way of row objects: the same in each format, or refused with the same error."""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import attrs
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from teamup_async import ENDPOINTS, Endpoint, ResponseDecodeError, TeamUp
from teamup_async._decoding.columns import decode_columns
from teamup_async._decoding.fast import decode
from teamup_async._decoding.page import Decoded
from teamup_async._walking.plan import Plan, plan
from teamup_async.endpoints import endpoint_named
from teamup_async.query import Query
from teamup_async.rows import DEFERRED, expandable_paths
from teamup_async.sandbox import Sandbox
from teamup_async.sinks.base import SinkError
from teamup_async.sinks.columnar import ArrowBatch
from teamup_async.sinks.csv import Csv
from teamup_async.sinks.json import Json
from teamup_async.sinks.jsonl import Jsonl
from teamup_async.sinks.lines import LineSink
from teamup_async.sinks.schema import Schema, columns_of_rows, pivot_keys, schema_for, with_extra
from teamup_async.sinks.sqlite import SQLite
from teamup_async.sinks.text import TextBatch
from tests.columns.pages import mutated, page, trimmed

EXAMPLES = int(os.environ.get("TEAMUP_ASYNC_PAGES", "200"))
"""How many pages are tried."""


@cache
def sent() -> dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]]:
    """Some rows of each endpoint as the sandbox sends them, and the keys of their columns."""

    async def read() -> dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]]:
        found: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {}
        async with (
            Sandbox(rows=40, rate=None) as sandbox,
            TeamUp(token=sandbox.token, base_url=sandbox.url, rate=None) as teamup,
        ):
            for endpoint in ENDPOINTS:
                grouped = {"columns": endpoint.columns} if endpoint.grouped else {}
                answer = await teamup.get(endpoint.path, **grouped, format="json")
                keys = tuple(head["key"] for head in answer.get("column_headers", ()))
                found[endpoint.path] = answer[endpoint.envelope.rows][:6], keys
        return found

    return asyncio.run(read())


@st.composite
def queries(draw: st.DrawFn, endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    """What to ask an endpoint for: all columns or some of them, references as ids or as objects."""
    made: dict[str, Any] = {}
    names = {parameter.name for parameter in endpoint.filters}
    if endpoint.grouped:
        made["columns"] = list(endpoint.columns)
    elif endpoint.columns and draw(st.booleans()):
        made["columns"] = draw(
            st.lists(st.sampled_from(endpoint.columns), min_size=1, max_size=4, unique=True)
        )
    if "expand" in names and draw(st.booleans()) and (paths := expandable_paths(endpoint.row)):
        made["expand"] = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=2, unique=True))
    return made


LINES: list[LineSink] = [Jsonl(os.devnull), Json(os.devnull), Csv(os.devnull)]


def written(sink: LineSink, schema: Schema, rows: list[Any]) -> bytes:
    """The lines that rows, or twins of them, become."""
    batch = TextBatch(schema, sink.lines)
    batch.add(rows)
    return batch.content()


@attrs.frozen
class Case:
    """A page, and how it is asked for."""

    endpoint: Endpoint[..., Any]
    body: bytes
    asked: dict[str, Any]
    nested: bool
    extra: bool

    @property
    def walk(self) -> Plan[Any]:
        """The walk over such pages."""
        query = self.endpoint.query(**self.asked)
        return plan(
            self.endpoint,
            query,
            by=None,
            size=100,
            window=1,
            start=None,
            on_drift="heal",
            timeout=None,
            extra=self.extra,
        )

    def schema(self, columns: Sequence[str] = ()) -> Schema:
        """The columns that are wanted, with those that only the page tells."""
        query = self.endpoint.query(**self.asked)
        found = schema_for(self.endpoint, query, pivot_keys(self.endpoint, columns))
        return with_extra(found) if self.extra else found

    def outcome(self, read: Callable[[], Decoded[Any]]) -> Any:
        """What a walk learns of the page, and what it becomes in each format; or the error."""
        try:
            found = read()
            batch = ArrowBatch(
                self.schema([head.key for head in found.headers if head.key]), nested=self.nested
            )
            learned = (found.total, found.headers, found.unknown, self.verdict(found.rows))
            batch.add(found.rows)
            lines = [written(sink, batch.schema, found.rows) for sink in LINES]
            stored = SQLite("unused.sqlite").make_batch(batch.schema)
            stored.add(found.rows)
            return learned, pa.Table.from_batches(batch.finish()), lines, stored.rows
        except (ResponseDecodeError, SinkError) as error:
            return type(error), str(error), getattr(error, "json_path", None), getattr(error, "__notes__", [])

    def verdict(self, rows: list[Any]) -> Any:
        """What the seam to the page before shows, and where the next page must begin."""
        walk = self.walk
        if walk.whole:
            return None  # never straight to columns: whole rows are compared
        try:
            found: Any = walk.order.join(walk.first, rows)
        except (TypeError, ValueError) as error:
            return str(error)
        found = attrs.asdict(found, recurse=False)
        return {name: len(value) if name == "rows" else value for name, value in found.items()}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A page of any endpoint, mutated."""
    endpoint = draw(st.sampled_from(ENDPOINTS))
    rows, keys = sent()[endpoint.path]
    asked = draw(queries(endpoint))
    if draw(st.booleans()):
        paths = schema_for(endpoint, endpoint.query(**asked)).names
        rows = [trimmed(row, ["id", *paths]) for row in rows]
    rows = draw(st.lists(st.sampled_from(rows), min_size=1, max_size=3)) if rows else []
    body = draw(mutated(page(endpoint, rows, keys)))
    return Case(endpoint, body, asked, nested=draw(st.booleans()), extra=draw(st.booleans()))


def both(case: Case) -> tuple[Any, Any]:
    """The outcome by way of row objects, and straight."""
    keys = tuple({"id", *case.walk.hidden, getattr(case.walk.order, "field", "id")})
    return (
        case.outcome(lambda: decode(case.endpoint, case.body, extra=case.extra)),
        case.outcome(lambda: decode_columns(case.endpoint, case.schema(), keys, case.body, extra=case.extra)),
    )


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(cases())
def test_the_same_either_way(case: Case) -> None:
    """Any page of any endpoint gives the same table, lines and values for SQLite, and the same verdict of the walk, or
    the same error, on both ways.
    """
    by_rows, straight = both(case)

    assert by_rows == straight


def test_a_later_moment_without_offset() -> None:
    """A page where only later moments lack their offset goes the way of rows, which may know what was meant."""
    endpoint = endpoint_named("invoice_line_items")
    moments = ("2024-01-31T18:00:00Z", "2024-01-31T18:00:00")
    rows = [{"id": 1}, *({"id": 2, "invoice": {"paid_at": moment}} for moment in moments)]
    body = json.dumps({endpoint.envelope.total: 3, endpoint.envelope.rows: rows}).encode()

    by_rows, straight = both(
        Case(endpoint, body, {"columns": ["invoice.paid_at"]}, nested=False, extra=False)
    )

    assert by_rows == straight
    assert by_rows[1]["invoice.paid_at"][1] == by_rows[1]["invoice.paid_at"][2]


def test_an_object_in_an_object() -> None:
    """The only column of a report may lie two objects deep."""
    endpoint = endpoint_named("customer_referrals")
    rows = [{"signup_customer": {"venue": {"id": "1004"}}}]
    body = json.dumps({endpoint.envelope.total: 1, endpoint.envelope.rows: rows}).encode()
    columns = {"columns": ["signup_customer_venue_id"]}

    by_rows, straight = both(Case(endpoint, body, columns, nested=False, extra=False))

    assert by_rows == straight
    assert by_rows[1].num_rows == 1


@attrs.frozen
class Guest:
    """A guest, whose notes are sent when they are asked for."""

    name: str | None = None
    notes: str | None = attrs.field(default=None, metadata=DEFERRED)


@attrs.frozen(slots=False)
class Party:
    """Guests."""

    id: int | None = None
    guests: tuple[Guest, ...] = ()


PARTIES = Endpoint(
    name="parties", title="Parties", path="/reports/parties/data", query=Query[Party], row=Party
)


def test_fields_that_were_not_asked_for() -> None:
    """A deferred field of an object in a list is in the lines where it was sent, and left out where it was not."""
    rows = [{"id": 1, "guests": [{"name": "Ann"}, {"name": "Bo", "notes": "late"}]}]
    body = json.dumps({PARTIES.envelope.total: 1, PARTIES.envelope.rows: rows}).encode()
    schema = columns_of_rows(Party, ("id", "guests"), frozenset(), ())

    straight = decode_columns(PARTIES, schema, ("id",), body)

    assert straight.twins
    assert json.loads(written(Jsonl(os.devnull), schema, straight.rows)) == rows[0]
    assert json.loads(written(Jsonl(os.devnull), schema, decode(PARTIES, body).rows)) == rows[0]
