"""Fields that TeamUp sends and no row class knows: named, counted, and kept where asked; and single objects."""

from __future__ import annotations

import json

import pytest

from teamup_async._decoding.fast import decode, decode_object
from teamup_async._decoding.unknown import first_row, keep, unknown_fields
from teamup_async._walking.record import Record
from teamup_async.errors import QueryError, ResponseDecodeError
from teamup_async.lists.venues import VENUES
from teamup_async.reports.attendances import ATTENDANCES
from teamup_async.rows import extra_fields


def page(*rows, headers=()):
    return json.dumps({"total": len(rows), "column_headers": list(headers), "rows": list(rows)}).encode()


def test_unknown_fields_are_named():
    """Names come with their path, in objects and in lists of objects; known ones are not named."""
    row = {"id": 1, "mood": "good", "customer": {"id": 2, "pet": 1}, "instructors": [{"id": 3, "rank": 1}]}
    assert set(decode(ATTENDANCES, page(row)).unknown) == {"mood", "customer.pet", "instructors[].rank"}
    assert not decode(ATTENDANCES, page({"id": 1, "customer": None, "instructors": [{"id": 3}]})).unknown


def test_unknown_fields_are_kept():
    """With ``extra`` each row keeps what its class does not know, as it was sent."""
    rows = [
        {"id": 1, "mood": {"now": "good"}, "instructors": [{"rank": 1}, {"rank": 2}, {"id": 4}]},
        {"id": 2, "customer": {"pet": 1}},
        {"id": 3},
    ]
    kept = [dict(extra_fields(row)) for row in decode(ATTENDANCES, page(*rows), extra=True).rows]
    assert kept == [{"mood": {"now": "good"}, "instructors[].rank": [1, 2]}, {"customer.pet": 1}, {}]


def test_a_value_where_an_object_is_expected():
    """What is no object is no place for unknown fields, and neither is a value of its own."""
    assert not decode(ATTENDANCES, page({"id": 1, "event": None, "status": "attended"})).unknown


@pytest.mark.parametrize("text", ["x" * 100, "x" * 1_000_000], ids=["short", "long"])
def test_a_long_first_row(text):
    """A first row of any length is looked at as far as it is bounded, and never fails a page."""
    decoded = decode(ATTENDANCES, page({"id": 1, "mood": "good", "status": text}))
    assert len(decoded.rows) == 1
    assert decoded.unknown or len(text) > 1000


@pytest.mark.parametrize("body", [b'{"total": 0, "rows": []}', b'{"total": 0, "rows":[ ]}'])
def test_no_rows(body):
    """A page without rows has no unknown fields."""
    assert not decode(ATTENDANCES, body).unknown


def test_names_are_bounded():
    """A hundred names are counted, each by its pages; a server that invents names fills no memory."""
    record = Record()
    for turn in range(3):
        record.note_unknown(f"field {number}" for number in range(turn, 200))
    assert len(record.unknown) == 100
    assert record.unknown["field 50"] == 3


def test_one_object():
    """One object is decoded as a row is: fast where it fits, exactly where it nearly does, else with the path."""
    assert decode_object(VENUES, b'{"id": 7, "name": "Main hall"}').id == 7
    assert decode_object(VENUES, b'{"id": "7", "name": "Main hall"}').id == 7
    with pytest.raises(ResponseDecodeError) as raised:
        decode_object(VENUES, b'{"id": "seven"}')
    assert raised.value.json_path == "$.id"
    assert "The fast path said" in "".join(raised.value.__notes__)
    for body in (b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(ResponseDecodeError):
            decode_object(VENUES, body)


def test_paths_of_objects():
    """An id makes a path where a document names one; what is no id, or has no document, is refused."""
    assert VENUES.path_of(7) == "/venues/7"
    with pytest.raises(QueryError):
        VENUES.path_of("7/../8")
    with pytest.raises(QueryError, match="no way"):
        ATTENDANCES.path_of(7)


def test_unknown_fields_of_an_object_alone():
    """An object with an unknown field is enough, where the row has none of its own."""
    assert decode(ATTENDANCES, page({"id": 1, "customer": {"id": 2, "pet": 1}})).unknown == ("customer.pet",)
    row = {"id": 1, "instructors": [{"id": 3}, {"id": 4, "rank": 1}]}
    assert decode(ATTENDANCES, page(row)).unknown == ("instructors[].rank",)


def test_lists_of_ids_and_objects():
    """In a list that mixes ids and objects, only objects have fields."""
    (row,) = decode(ATTENDANCES, page({"id": 1})).rows
    keep(ATTENDANCES, (), [row], [{"id": 1, "instructors": [4, {"id": 3, "rank": 1}]}])
    assert dict(extra_fields(row)) == {"instructors[].rank": [1]}


@pytest.mark.parametrize("body", [b"{}", b'{"rows": [{"a": ' + b"[" * 50_000, b'{"rows": [{"a"'])
def test_bodies_without_a_first_row(body):
    """Where no first row can be read there is nothing to name; the decoder says what is wrong with the page."""
    assert first_row("rows", body) is None
    assert unknown_fields(ATTENDANCES, (), None) == ()
