"""Names of columns that databases take without quotes."""

import re

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from teamup_async.endpoints import ENDPOINTS
from teamup_async.errors import ConfigurationError, QueryError
from teamup_async.sinks.naming import check_names, named, names_of, snake
from teamup_async.sinks.schema import Column, Scalar, Schema, columns_of_rows

PLAIN = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII)
RESERVED = {
    "order",
    "user",
    "group",
    "from",
    "select",
    "table",
    "where",
    "limit",
    "end",
    "date",
    "current_date",
}
"""A few words that no database takes for a column without quotes, and some that look like them."""


def schema(*paths: str, counts: tuple[str, ...] = ()) -> Schema:
    columns = [Column(path, Scalar("string")) for path in paths]
    return Schema(object, (*columns, *(Column(key, Scalar("integer"), source="counts") for key in counts)))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("id", "id"),
        ("customer.name", "customer_name"),
        ("price.decimal", "price_decimal"),
        ("2025-02", "_2025_02"),
        ("Yoga (Level 2)", "yoga_level_2"),
        ("customerName", "customer_name"),
        ("Zürich / Süd", "zurich_sud"),
        ("\u210ball", "hall"),
        ("Ωμέγα", "ωμεγα"),
        ("__a__b__", "a_b"),
        ("", "_"),
        ("--", "_"),
    ],
)
def test_names(path: str, name: str) -> None:
    """Lower-case words with underscores between them; one stands before a digit."""
    assert snake(path) == name


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=150))
@example(f"a{'b' * 52}-{'c' * 20}")  # cut behind an underscore
def test_any_text(path: str) -> None:
    """Any key of a pivot becomes a name of at most 63 bytes, which is its own name."""
    name = snake(path)

    assert snake(name) == name
    assert re.fullmatch(r"\w+", name)
    assert not name[0].isdigit()
    assert len(name.encode()) <= 63


def test_long_names() -> None:
    """Long names that differ at their ends only stay different."""
    a, b = snake("customer." * 9 + "a"), snake("customer." * 9 + "b")

    assert len(a) == len(b) == 62  # 63, but for an underscore at the cut
    assert a != b
    assert len(snake("ω" * 100).encode()) <= 63


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.key)
def test_every_endpoint(endpoint) -> None:
    """No two declared columns of an endpoint get one name, and only `order` is a word that needs quotes."""
    made = named(columns_of_rows(endpoint.row, tuple(endpoint.paths), frozenset(), ()), "snake").names

    assert len(set(made)) == len(made)
    assert all(PLAIN.fullmatch(name) for name in made)
    assert set(made) & RESERVED <= {"order"}


def test_two_columns_of_one_name() -> None:
    """Two columns of one name are an error that names both, also where they differ in case only."""
    with pytest.raises(
        QueryError, match=r"columns customer.name and customer_name would both be called customer_name"
    ):
        named(schema("customer.name", "customer_name"), "snake")
    with pytest.raises(QueryError, match="columns Yoga and yoga "):
        named(schema("id", counts=("Yoga", "yoga")), "snake")
    assert named(schema("customer.name", "customer_name"), "dotted").names == (
        "customer.name",
        "customer_name",
    )


def test_nested() -> None:
    """Objects that stay objects have no names to make; the keys in them are called so, and a pivot's key as a whole."""
    made = named(schema("customer.fullName", "customer_name", counts=("a.b",)), "snake", True)

    assert made.names == ("customer.full_name", "customer_name", "a_b")


def test_the_name_of_a_path() -> None:
    """A schema says what the column of a path is called; another path keeps its name."""
    made = named(schema("event.starts_at"), "snake")

    assert (made.name_of("event.starts_at"), made.name_of("other.path")) == ("event_starts_at", "other.path")


def test_what_names_there_are() -> None:
    """There are two kinds of names; a sink that says nothing has dotted ones."""

    @attrs.frozen
    class Sink:
        names: str = "snake"

    assert (names_of(Sink()), names_of(object()), check_names("dotted")) == ("snake", "dotted", "dotted")
    with pytest.raises(ConfigurationError, match="one of dotted, snake, not 'camel'"):
        check_names("camel")
