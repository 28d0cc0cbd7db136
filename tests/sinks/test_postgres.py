"""PostgreSQL: exact values, readers who never wait, names of any length, rights, and passwords that stay hidden."""

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from teamup_async.sandbox import Sandbox
from teamup_async.sinks import Merge, PostgreSQL, SinkBusyError, SinkError, Target
from teamup_async.sinks.postgres_link import InUseError
from teamup_async.sinks.schema import columns_of_rows
from tests.postgres_server import schema_of, server
from tests.sinks.interrupting import interrupted

TABLE = Target(name="visits")


@attrs.frozen(slots=False)
class Room:
    name: str | None = None
    price: Decimal | None = None


@attrs.frozen(slots=False)
class Visit:
    id: int | None = None
    name: str | None = None
    price: Decimal | None = None
    weight: float | None = None
    at: datetime | None = None
    day: date | None = None
    hour: time | None = None
    paid: bool | None = None
    tags: tuple[str, ...] | None = None
    rooms: tuple[Room, ...] | None = None
    other: dict[str, Any] | None = None


@attrs.frozen(slots=False)
class Later:
    id: int | None = None
    name: str | None = None
    price: str | None = None
    more: str | None = None


@attrs.frozen(slots=False)
class Narrow:
    id: int | None = None
    name: str | None = None


FULL = Visit(
    id=2**63 - 1,
    name="Zoë \\ \t\n'\" \U0001f3cb",
    price=Decimal("1234567890123456789012345678.0123456789"),
    weight=0.1,
    at=datetime(2025, 6, 1, 12, 30, 0, 123456, tzinfo=UTC),
    day=date(1, 1, 1),
    hour=time(23, 59, 59, 999999),
    paid=True,
    tags=("a", "b\\u0000"),
    rooms=(Room("Hall", Decimal("0.10")), Room()),
    other={"a": [1, None, {"b": "c"}]},
)


def schema_of_rows(row: type[Any]) -> Any:
    return columns_of_rows(row, tuple(field.name for field in attrs.fields(row)), frozenset(), ())


def put(sink: Any, rows: list[Any], *, merge: Merge | None = None, target: Target = TABLE) -> Any:
    """A run of one part."""
    schema, state = schema_of_rows(type(rows[0])), {"parts": {"part": {}}}
    sink.open([target])
    try:
        sink.save({})
        batch = sink.batch(schema)
        batch.add(rows)
        sink.append("part", batch, state)
        if merge is None:
            done = sink.publish(target, schema, ["part"], state)
        else:
            done = sink.merge(target, schema, ["part"], merge, state)
        sink.save({})
    finally:
        sink.close()
    return done


@pytest.fixture
def schema(tmp_path: Path) -> str:
    """A schema of a test's own."""
    return schema_of(tmp_path)


@pytest.fixture
def sink(schema: str) -> PostgreSQL:
    """A sink that writes into it."""
    return PostgreSQL(server().url(schema))


@pytest.fixture
def session() -> Iterator[Callable[..., Any]]:
    """Runs statements in a reader's own transaction, which lasts as long as the test."""
    connection = server().connected(autocommit=False)
    cursor = connection.cursor()

    def run(statement: str) -> Any:
        cursor.execute(statement)
        return cursor.fetchall()

    yield run
    cursor.close()
    connection.close()


def test_values(sink: PostgreSQL, schema: str) -> None:
    """Every value comes back as it was, of a real type; objects and lists are jsonb; nothing is NULL, not empty."""
    put(sink, [FULL, Visit()])
    [row, empty] = server().run(f"SELECT * FROM {schema}.visits ORDER BY id")
    [inner] = server().run(
        f"SELECT rooms -> 0 ->> 'name' AS name, (rooms -> 0 ->> 'price')::numeric::text AS price, tags ->> 1 AS tag, "
        f"rooms -> 1 AS none, other -> 'a' ->> 0 AS one FROM {schema}.visits WHERE id IS NOT NULL"
    )
    types = server().run(
        "SELECT column_name AS name, data_type AS type FROM information_schema.columns "
        f"WHERE table_schema = '{schema}' ORDER BY ordinal_position"
    )

    assert (row["id"], row["name"], row["weight"], row["paid"]) == (FULL.id, FULL.name, 0.1, True)
    assert (Decimal(row["price"]), row["at"], row["day"], row["hour"]) == (
        FULL.price,
        FULL.at,
        FULL.day,
        FULL.hour,
    )
    assert json.loads(row["other"]) == FULL.other
    assert (inner["name"], Decimal(inner["price"]), inner["tag"]) == ("Hall", Decimal("0.1"), "b\\u0000")
    assert (json.loads(inner["none"]), inner["one"]) == ({"name": None, "price": None}, "1")
    assert set(empty.values()) == {None}
    assert [one["type"] for one in types] == [
        *("bigint", "text", "numeric", "double precision", "timestamp with time zone", "date"),
        *("time without time zone", "boolean", "jsonb", "jsonb", "jsonb"),
    ]


@pytest.mark.parametrize("name", ["Zoë", "Łukasz \U0001f3cb"])
def test_encodings(monkeypatch: pytest.MonkeyPatch, schema: str, name: str) -> None:
    """Text is what it was in a database of another encoding, or is refused; what the environment says is no matter."""
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    database = f"latin_{schema}"
    server().run(
        f"CREATE DATABASE {database} ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    points = "SELECT ascii(substr(name, 1)) AS first, ascii(substr(name, 3)) AS third, length(name) AS all FROM visits"
    sinks = PostgreSQL(server().url(schema)), PostgreSQL(server().url("public", database=database))
    wanted = {"first": ord(name[0]), "third": ord(name[2]), "all": len(name)}

    put(sinks[0], [Visit(1, name=name)])
    assert server().run(f"SET search_path = {schema}", points) == [wanted]
    if max(name) > "\xff":
        with pytest.raises(SinkError, match="has no equivalent in encoding"):
            put(sinks[1], [Visit(1, name=name)])
    else:
        put(sinks[1], [Visit(1, name=name)])
        assert server().run(points, database=database) == [wanted]


def test_nul_characters(sink: PostgreSQL, schema: str) -> None:
    """NUL, which PostgreSQL's text can't hold, becomes U+FFFD, and a note says where; no row is lost for it."""
    put(
        sink,
        [Visit(1, name="a\0b", tags=("\0", "\\u0000\0"), other={"k\0": "\\\\u0000"}), Visit(2, name="c")],
    )
    [first, _] = server().run(f"SELECT name, tags, other::text FROM {schema}.visits ORDER BY id")

    assert (first["name"], first["tags"]) == ("a\ufffdb", ["\ufffd", "\\u0000\ufffd"])
    assert json.loads(first["other"]) == {"k\ufffd": "\\\\u0000"}
    assert [note.split(":")[0] for note in sink.notes] == ["column name", "column tags", "column other"]


def test_unchanged_rows_are_not_written(sink: PostgreSQL, schema: str) -> None:
    """A merge touches the rows that differ, and no others: where nothing changed, nothing is written."""
    rows = [attrs.evolve(FULL, id=i) for i in range(5)]
    where = f"SELECT id, ctid::text, xmin::text FROM {schema}.visits ORDER BY id"
    put(sink, rows, merge=Merge(mark={}, replace=True))
    before = server().run(where)
    again = put(sink, rows, merge=Merge(mark={}, replace=True))
    done = put(sink, [attrs.evolve(rows[1], name="new"), rows[2]], merge=Merge(mark={}))
    after = server().run(where)

    assert (again.new, again.changed, again.removed, again.rows) == (0, 0, 0, 5)
    assert (done.new, done.changed, done.removed, done.rows) == (0, 1, 0, 5)
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True, True, True]


def test_gone_since(sink: PostgreSQL, schema: str) -> None:
    """With `since`, rows from that time on that were not read again go; older ones, and those without a time, stay."""
    rows = [Visit(i, at=datetime(2025, 1, i, tzinfo=UTC)) for i in (1, 2, 3, 4)]
    put(sink, [*rows, Visit(5)], merge=Merge(mark={}, replace=True))
    done = put(sink, [rows[2]], merge=Merge(mark={"a": 1}, since=("at", "2025-01-02T01:00:00+01:00")))

    assert (done.removed, done.rows) == (2, 3)
    assert [row["id"] for row in server().run(f"SELECT id FROM {schema}.visits ORDER BY id")] == [1, 3, 5]
    sink.open([TABLE])
    assert sink.mark(TABLE) == {"a": 1}
    sink.close()


def test_long_names(sink: PostgreSQL, schema: str) -> None:
    """Tables, stages and columns whose names PostgreSQL would cut, or that are words of SQL, stay apart."""
    row = attrs.make_class(
        "Row",
        {name: attrs.field(default=None, type="str | None") for name in ("user", "order", "x" * 70 + "1")}
        | {"x" * 70 + "2": attrs.field(default=None, type="str | None")},
        slots=False,
        frozen=True,
    )
    targets = [Target(name="t" * 70 + end) for end in "12"] + [Target(name="select")]
    names = columns_of_rows(row, tuple(field.name for field in attrs.fields(row)), frozenset(), ())
    sink.open(targets)
    for number, target in enumerate(targets):
        part = f"{'p' * 70}{number}"
        batch = sink.batch(names)
        batch.add([row("u", "o", "one", f"two {number}")])
        sink.append(part, batch, {"parts": {part: {}}})
        sink.publish(target, names, [part], {"parts": {}})
    sink.save({})
    sink.close()
    tables = [
        row["name"]
        for row in server().run(
            f"SELECT relname AS name FROM pg_class WHERE relnamespace = '{schema}'::regnamespace ORDER BY relname"
        )
    ]

    assert len(tables) == 3
    found = sorted(
        list(row.values()) for name in tables for row in server().run(f'SELECT * FROM {schema}."{name}"')
    )
    assert found == [["u", "o", "one", f"two {number}"] for number in range(3)]


@pytest.mark.parametrize(("first", "then"), [(None, "north"), ("north", None)])
def test_one_account_or_several(sink: PostgreSQL, schema: str, first: str | None, then: str | None) -> None:
    """A table of one account takes none of several, and the other way round: the error says what to do."""
    put(sink, [Visit(1)], target=Target(name="visits", account=first))
    for merge in (None, Merge(mark={}, replace=True), Merge(mark={})):
        with pytest.raises(SinkError, match=r"another kind than this pull .*\?schema=NAME"):
            put(sink, [Visit(2)], target=Target(name="visits", account=then), merge=merge)

    assert [row["id"] for row in server().run(f"SELECT id FROM {schema}.visits")] == [1]


def test_a_reader_never_waits(sink: PostgreSQL, session: Callable[..., Any], schema: str) -> None:
    """A reader in the middle of a transaction holds up no merge and no pull, and neither holds it up."""
    put(sink, [Visit(1, "old")])
    assert session(f"SELECT name FROM {schema}.visits") == [("old",)]
    put(sink, [Visit(1, "new")])
    put(sink, [Visit(2, "more")], merge=Merge(mark={}))

    assert session(f"SELECT count(*) FROM {schema}.visits") == [(2,)]


def test_a_view_stays(sink: PostgreSQL, schema: str) -> None:
    """New columns come, types change and old columns go, while views, indexes and grants of readers stay."""
    put(sink, [Visit(1, "a", weight=1.5)])
    server().run(
        f"CREATE VIEW {schema}.named AS SELECT id, name, weight FROM {schema}.visits",
        f"CREATE INDEX mine ON {schema}.visits (name)",
        f"GRANT SELECT ON {schema}.visits TO PUBLIC",
    )
    put(sink, [Later(1, "b", "expensive", "x")])

    assert server().run(f"SELECT * FROM {schema}.named") == [{"id": 1, "name": "b", "weight": None}]
    [row] = server().run(f"SELECT * FROM {schema}.visits")
    assert row == {"id": 1, "name": "b", "weight": None, "price": "expensive", "more": "x"}
    assert [note for note in sink.notes if "keeps the column weight" in note] == sink.notes
    assert server().run(
        f"SELECT relacl::text LIKE '%=r/%' AS granted FROM pg_class WHERE oid = '{schema}.visits'::regclass"
    ) == [{"granted": True}]
    assert (
        len(server().run(f"SELECT 1 FROM pg_indexes WHERE schemaname = '{schema}' AND indexname = 'mine'"))
        == 1
    )


def test_what_a_view_keeps_is_empty(sink: PostgreSQL, schema: str) -> None:
    """A column that stays for a view, though it is not read any more, is empty also in rows that did not change."""
    whole = Merge(mark={}, replace=True)
    put(sink, [Visit(1, "a", weight=1.5)], merge=whole)
    server().run(f"CREATE VIEW {schema}.weights AS SELECT id, weight FROM {schema}.visits")
    done = put(sink, [Narrow(1, "a")], merge=whole)

    assert done.changed == 0
    assert server().run(f"SELECT * FROM {schema}.weights") == [{"id": 1, "weight": None}]


def test_a_view_in_the_way(sink: PostgreSQL, schema: str) -> None:
    """A column that can't change because a view reads it is an error that says so; table and view stay as they are."""
    put(sink, [Visit(1, price=Decimal(5))])
    server().run(f"CREATE VIEW {schema}.prices AS SELECT price FROM {schema}.visits")
    with pytest.raises(InUseError, match=r"view .* drop it, run again"):
        put(sink, [Later(1, price="x")])

    assert server().run(f"SELECT price::int FROM {schema}.prices") == [{"price": 5}]
    server().run(f"DROP VIEW {schema}.prices")
    put(sink, [Later(1, price="x")])
    assert server().run(f"SELECT price FROM {schema}.visits") == [{"price": "x"}]


def test_columns_wait_for_readers(sink: PostgreSQL, session: Callable[..., Any], schema: str) -> None:
    """New columns wait for a long transaction, and let other readers in meanwhile; when it ends they come."""
    put(sink, [Visit(1, "a")], merge=Merge(mark={}, replace=True))
    session(f"SELECT 1 FROM {schema}.visits")
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(
            put, sink, [attrs.evolve(Later(2), name="b")], merge=Merge(mark={}, replace=True)
        )
        waiting = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%ADD COLUMN%'"
        )
        while not server().run(waiting):
            assert not done.done()
        assert server().run(f"SELECT name FROM {schema}.visits") == [{"name": "a"}]
        session("ROLLBACK")
        done.result()

    assert server().run(f"SELECT name FROM {schema}.visits") == [{"name": "b"}]


def test_a_table_that_is_locked(schema: str, session: Callable[..., Any]) -> None:
    """A table that somebody has for themselves is waited for; told to stop, the run says who is in the way."""
    sink = PostgreSQL(server().url(schema))
    put(sink, [Visit(1, "a")])
    session(f"LOCK TABLE {schema}.visits IN ACCESS EXCLUSIVE MODE")
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(put, sink, [Later(1)])
        while not done.done():
            sink.interrupt()
        with pytest.raises(SinkBusyError, match="has a table locked"):
            done.result()


def test_rights(schema: str) -> None:
    """A role without rights is told which one it lacks and where to read on; with them it can write."""
    role = f"role_{schema}"
    server().run(f"CREATE ROLE {role} LOGIN")
    sink = PostgreSQL(server().url(schema, user=role))
    with pytest.raises(SinkError, match=r"permission denied for database.*docs/postgres\.md"):
        put(sink, [Visit(1)])

    server().run(
        f"CREATE SCHEMA {schema} AUTHORIZATION {role}", f"CREATE SCHEMA _teamup_{schema} AUTHORIZATION {role}"
    )
    put(sink, [Visit(1)])
    assert len(server().run(f"SELECT * FROM {schema}.visits")) == 1


def test_no_room(schema: str) -> None:
    """When the server has no room left, that is said; nothing half-written shows, and with room it goes on."""
    put(PostgreSQL(server().url(schema)), [Visit(i, "old" * 50) for i in range(3000)])
    sink = PostgreSQL(server().url(schema, options="-c temp_file_limit=300kB -c work_mem=64kB"))
    with pytest.raises(SinkError, match=r"cannot write .*temporary file.*Make room there"):
        put(sink, [Visit(i, "new" * 50) for i in range(4000)], merge=Merge(mark={}))

    names = f"SELECT count(*) AS rows, min(name) AS first, max(name) AS last FROM {schema}.visits"
    assert server().run(names) == [{"rows": 3000, "first": "old" * 50, "last": "old" * 50}]
    again = PostgreSQL(server().url(schema))
    assert again.open([TABLE]) == {"parts": {"part": {}}}
    done = again.merge(TABLE, schema_of_rows(Visit), ["part"], Merge(mark={}), {})
    again.close()
    assert (done.new, done.changed) == (1000, 3000)
    assert server().run(names) == [{"rows": 4000, "first": "new" * 50, "last": "new" * 50}]


def test_a_terminated_session(sink: PostgreSQL, schema: str) -> None:
    """A session that an administrator ends is an error that says what to do; nothing is written afterwards."""
    sink.open([TABLE])
    batch = sink.batch(schema_of_rows(Visit))
    batch.add([Visit(1)])
    sink.append("part", batch, {"parts": {"part": {}}})
    server().run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'teamup_async %'"
    )
    for _ in range(2):
        with pytest.raises(SinkError, match=r"connection to the server was lost .*run the same again"):
            sink.append("part", batch, {"parts": {"part": {"more": 1}}})
    sink.close()

    assert sink.open([TABLE]) == {"parts": {"part": {}}}
    sink.close()


def test_one_run_for_a_schema(sink: PostgreSQL, schema: str) -> None:
    """Runs keep each other out of one schema, not out of another, whatever URL leads there."""
    other = PostgreSQL(server().url(schema, application_name="mine", connect_timeout="5"))
    elsewhere = PostgreSQL(server().url(f"{schema}_b"))
    sink.open([TABLE])
    with pytest.raises(SinkBusyError, match="another run is writing"):
        other.open([TABLE])
    elsewhere.open([TABLE])
    elsewhere.close()
    sink.close()
    other.open([TABLE])
    other.close()


@pytest.mark.parametrize("password", ["hunter2-secret", "pa%20ss%40word-secret"])
def test_passwords(caplog: pytest.LogCaptureFixture, password: str) -> None:
    """A password is in no name, error, log or traceback, whatever goes wrong on the way to the server."""
    told: list[str] = []
    with caplog.at_level(logging.DEBUG):
        for url in (
            f"postgresql://ann:{password}@127.0.0.1:1/gym",
            f"postgresql://ann:{password}@127.0.0.1:1/gym?nonsense=1",
            f"postgresql://ann@127.0.0.1:1/gym?password={password}",
            f"postgresql://ann:{password}@127.0.0.1:99999/gym",
            f"postgresql://ann:{password}@/gym?host={server().folder}",
        ):
            sink = PostgreSQL(url)
            with pytest.raises(SinkError, match="cannot write postgresql://") as caught:
                sink.open([TABLE])
            told += [
                repr(sink),
                sink.name,
                str(caught.value),
                "".join(traceback.format_exception(caught.value)),
            ]
            told.append(repr(sink.address))
            assert caught.value.__context__ is None

    everything = "\n".join([*told, caplog.text])
    assert "secret" not in everything
    assert "127.0.0.1" in everything


async def test_a_password_in_a_run(client, sandbox: Sandbox, schema: str) -> None:
    """Results, checkpoints and marks hold no password."""
    into = server().url(schema, password="very-secret")
    await interrupted(client, sandbox, into)
    kept = server().run(f"SELECT key || value AS text FROM _teamup_{schema}.meta")
    async with client() as teamup:
        result = await teamup.sync({"venues": {}}, into=into)
    kept += server().run(f"SELECT key || value AS text FROM _teamup_{schema}.meta")

    assert result.ok
    assert len(kept) > 3
    assert "very-secret" not in repr(result) + json.dumps(result.to_json()) + repr(kept)


async def test_a_plan_makes_nothing(client, schema: str) -> None:
    """To look what a sync would read leaves no trace in a database where nothing was written yet."""
    async with client() as teamup:
        plan = await teamup.plan_sync({"attendances": {}}, into=server().url(schema))
        before = server().run(f"SELECT 1 FROM pg_namespace WHERE nspname LIKE '%{schema}'")
        await teamup.sync({"attendances": {}}, into=server().url(schema))
        later = await teamup.plan_sync({"attendances": {}}, into=server().url(schema))

    assert before == []
    assert len(plan.parts) == 1
    assert len(later.parts) == 2
