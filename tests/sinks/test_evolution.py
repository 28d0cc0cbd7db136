"""Columns that change between runs: nothing that is there is lost, and what changes is told."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from teamup_async.sinks import Merge, SinkError, Target, sink_named
from teamup_async.sinks.evolution import change, type_from_json, type_to_json
from teamup_async.sinks.schema import ListOf, Scalar, Struct, columns_of_rows
from teamup_async.sinks.table import SINKS
from tests.sinks.reading import path_of, place_of

TABLE = Target(name="visits")


@attrs.frozen(slots=False)
class OldRoom:
    id: int | None = None


@attrs.frozen(slots=False)
class Old:
    id: int | None = None
    price: int | None = None
    hours: int | None = None
    rooms: tuple[OldRoom, ...] = ()
    gone: str | None = None


@attrs.frozen(slots=False)
class NewRoom:
    id: int | None = None
    name: str | None = None


@attrs.frozen(slots=False)
class New:
    id: int | None = None
    price: Decimal | None = None
    hours: float | None = None
    rooms: tuple[NewRoom, ...] = ()
    added: str | None = None


@attrs.frozen(slots=False)
class Narrow:
    id: int | None = None
    price: bool | None = None


def into(kind: str, folder: Path) -> str:
    """A database, or the file of the table."""
    return place_of(kind, folder / "visits")


def schema_of(row: type[Any]) -> Any:
    """All columns of a row class."""
    return columns_of_rows(row, tuple(field.name for field in attrs.fields(row)), frozenset(), ())


def put(sink: Any, rows: list[Any], *, target: Target = TABLE, merge: Merge | None = None) -> None:
    """A run of one part."""
    schema = schema_of(type(rows[0]))
    state = {"parts": {"part": {}}}
    sink.open([target])
    try:
        batch = sink.batch(schema)
        batch.add(rows)
        sink.append("part", batch, state)
        if merge is None:
            sink.publish(target, schema, ["part"], state)
        else:
            sink.merge(target, schema, ["part"], merge, state)
        sink.save({})
    finally:
        sink.close()


OLD = [Old(1, 5, 2, (OldRoom(7),), "x"), Old(2, 6, 3, (), "y")]
NEW = [New(2, Decimal("6.50"), 3.5, (NewRoom(8, "Hall"),), "z")]
MERGING = [kind for kind in SINKS if hasattr(SINKS[kind].load(), "merge")]


@pytest.mark.parametrize("kind", MERGING)
def test_merged(tmp_path: Path, read: Callable[..., Any], kind: str) -> None:
    """New columns are added, wider types are taken over, columns that do not come any more stay; notes name them."""
    sink = sink_named(into(kind, tmp_path))
    put(sink, OLD, merge=Merge(mark={}, replace=True))
    assert sink.notes == []
    put(sink, NEW, merge=Merge(mark={}))
    first, second = sorted(
        read(kind, path_of(kind, tmp_path / "visits"), "visits"), key=lambda row: row["id"]
    )

    assert (first["gone"], first["added"], Decimal(first["price"]), first["hours"]) == ("x", None, 5, 2.0)
    assert (second["gone"], second["added"], Decimal(second["price"]), second["hours"]) == (
        None,
        "z",
        Decimal("6.50"),
        3.5,
    )
    assert [note.rpartition(": ")[2] for note in sink.notes] == ["added", "price, hours, rooms", "gone"]
    if kind != "sqlite":  # JSON text there
        grown = {} if kind == "postgresql" else {"name": None}  # JSON is left as it was
        assert (first["rooms"], second["rooms"]) == ([{"id": 7, **grown}], [{"id": 8, "name": "Hall"}])

    put(sink, [Old(3, 9, 1, (OldRoom(9),), "w")], merge=Merge(mark={}))
    rows = read(kind, path_of(kind, tmp_path / "visits"), "visits")
    assert sorted((row["id"], Decimal(row["price"]), row["gone"]) for row in rows) == [
        (1, 5, "x"),
        (2, Decimal("6.50"), None),
        (3, 9, "w"),
    ]


@pytest.mark.parametrize("kind", MERGING)
def test_refused(tmp_path: Path, read: Callable[..., Any], kind: str) -> None:
    """A type that can't hold both is refused with the column and what to do; the table stays as it is."""
    sink = sink_named(into(kind, tmp_path))
    put(sink, OLD, merge=Merge(mark={}, replace=True))
    before = read(kind, path_of(kind, tmp_path / "visits"), "visits")
    with pytest.raises(SinkError, match=r"column price of .* was integer and is boolean now.*--full"):
        put(sink, [Narrow(3, True)], merge=Merge(mark={}))

    assert read(kind, path_of(kind, tmp_path / "visits"), "visits") == before


@pytest.mark.parametrize("kind", [kind for kind in MERGING if SINKS[kind].database])
def test_large_numbers(tmp_path: Path, read: Callable[..., Any], kind: str) -> None:
    """Whole numbers become numbers with fractions only where none loses a digit."""
    sink = sink_named(into(kind, tmp_path))
    put(sink, [Old(1, hours=2**53 + 1)], merge=Merge(mark={}, replace=True))
    with pytest.raises(SinkError, match="too large"):
        put(sink, NEW, merge=Merge(mark={}))

    assert [row["hours"] for row in read(kind, path_of(kind, tmp_path / "visits"), "visits")] == [2**53 + 1]


@pytest.mark.parametrize("kind", [kind for kind in SINKS if SINKS[kind].database])
def test_rows_of_other_accounts_stay(tmp_path: Path, read: Callable[..., Any], kind: str) -> None:
    """A pull of one account changes the columns of the table, and keeps the rows of the others."""
    sink = sink_named(into(kind, tmp_path))
    put(sink, OLD, target=Target(name="visits", account="north"))
    put(sink, NEW, target=Target(name="visits", account="south"))
    rows = read(kind, path_of(kind, tmp_path / "visits"), "visits")

    assert sorted((row["account"], row["gone"], row["added"]) for row in rows if row["id"] == 2) == [
        ("north", "y", None),
        ("south", None, "z"),
    ]
    assert len(rows) == 3


@pytest.mark.parametrize("kind", SINKS)
def test_replaced(tmp_path: Path, read: Callable[..., Any], kind: str) -> None:
    """A pull that replaces a whole file or table has the columns of today, in their order."""
    sink = sink_named(into(kind, tmp_path))
    put(sink, OLD)
    put(sink, NEW)
    [row] = read(kind, path_of(kind, tmp_path / "visits"), "visits")

    assert list(row) == ["id", "price", "hours", "rooms", "added"]


@pytest.mark.parametrize("kind", SINKS)
def test_unfinished_with_other_columns(tmp_path: Path, read: Callable[..., Any], kind: str) -> None:
    """What an older version has begun is not continued with other columns: that would shift values silently."""
    state = {"parts": {"part": {}}}
    for rows in (OLD, NEW):
        sink = sink_named(into(kind, tmp_path))
        sink.open([TABLE])
        batch = sink.batch(schema_of(type(rows[0])))
        batch.add(rows)
        if rows is OLD:
            sink.append("part", batch, state)
        else:
            with pytest.raises(SinkError, match="start anew with restart"):
                sink.append("part", batch, state)
            with pytest.raises(SinkError, match="start anew with restart"):
                sink.publish(TABLE, schema_of(New), ["part"], state)
        sink.close()


def test_what_changes() -> None:
    """The columns of both, those that are there first; what is narrower now keeps its wider type."""
    whole, exact, text = Scalar("integer"), Scalar("decimal"), Scalar("string")
    made = change(
        "it", [("a", exact), ("b", whole), ("c", text)], [("d", ListOf(whole)), ("a", whole), ("b", exact)]
    )

    assert made.columns == (("a", exact), ("b", exact), ("c", text), ("d", ListOf(whole)))
    assert (made.added, made.widened, made.missing) == (("d",), ("b",), ("c",))
    assert change("it", [("a", text)], [("a", text)]).notes("it") == []
    for old, new in (
        (text, Scalar("boolean")),
        (ListOf(whole), whole),
        (Struct((("x", text),)), Struct((("x", exact),))),
    ):
        with pytest.raises(SinkError, match="column a of it was"):
            change("it", [("a", old)], [("a", new)])


def test_types_as_json() -> None:
    """Types travel through JSON."""
    type_ = ListOf(Struct((("a", Scalar("date-time")), ("b", ListOf(Scalar("json"))))))
    assert type_from_json(type_to_json(type_)) == type_
