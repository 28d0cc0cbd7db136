"""Recorded answers hold nothing of the account: made-up values with the shapes, equalities and order of real ones."""

import json
import os
from datetime import date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from teamup_async.doctor.disguise import FORMATS, Disguise, is_key, kind_of, vocabulary

WORDS = vocabulary()
MANY = int(os.environ.get("TEAMUP_ASYNC_DISGUISES", "25"))

moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)).map(
    lambda moment: moment.isoformat() + "Z"
)
texts = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="abcexampl", max_size=6),
    st.emails(),
    st.sampled_from(
        ["+44 20 7946 0000", "(030) 123-456", "https://goteamup.com/c/12?x=Ann", "Ann Lee", "www.lee.example"]
    ),
    moments,
    st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)).map(str),
    st.times().map(lambda time: time.strftime("%H:%M:%S")),
    st.integers(-(10**12), 10**12).map(str),
    st.decimals(-1000, 1000, places=2).map(str),
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**15), 10**15),
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        texts,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(
                st.sampled_from(["id", "name", "status", "email", "customer", "starts_at", "object"]),
                st.text(max_size=12),
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


def strings(value: Any, name: str = "") -> list[tuple[str, str]]:
    """All texts in a value, with the key that each stands under; keys that are no names of fields, too."""
    if isinstance(value, dict):
        keys = [(key, "") for key in value if not is_key(key)]
        return keys + [found for key, part in value.items() for found in strings(part, key)]
    if isinstance(value, list):
        return [found for part in value for found in strings(part, name)]
    return [(value, name)] if isinstance(value, str) else []


def pairs(before: Any, after: Any) -> list[tuple[Any, Any]]:
    """Each plain value with its disguise."""
    if isinstance(before, dict):
        return [
            pair for one, two in zip(before.values(), after.values(), strict=True) for pair in pairs(one, two)
        ]
    if isinstance(before, list):
        return [pair for one, two in zip(before, after, strict=True) for pair in pairs(one, two)]
    return [(before, after)]


def shape(value: Any) -> Any:
    """What is left of a value without its plain values."""
    if isinstance(value, dict):
        return [shape(part) for part in value.values()]
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value)


def worn(rows: list[Any], seed: int) -> list[Any]:
    """The rows in disguise, through JSON as in a recording."""
    disguise = Disguise.of(rows, words=WORDS, chance=Random(seed))
    made: list[Any] = json.loads(json.dumps([disguise.worn(row) for row in rows]))
    return made


def is_documented(text: str, name: str) -> bool:
    """Whether a text is the documented value of an enum of that name."""
    return any(text in values for field, values in WORDS.items() if name.endswith(field))


@settings(max_examples=MANY)
@given(st.lists(values, max_size=5), st.integers(0, 2**32))
@example([{"name": "Ann", "email": "ann@lee.com", "note": "Ann's 0123 456789"}], 0)
@example([{"ann@lee.com": 1, "name": "exa", "url": "https://exa.com/example"}], 1)
def test_nothing_survives(rows: list[Any], seed: int) -> None:
    """No text of three characters or more is found in any made-up text, but for enums and formats."""
    rows = json.loads(json.dumps(rows))
    after = [text for text, name in strings(worn(rows, seed)) if not is_documented(text, name)]
    out = "\n".join(after)
    for known in FORMATS:
        out = out.replace(known, " ")
    zeros = {"0.0", "-0.0", "0.00", "-0.00", "0E-2"}
    texts = [(text, name) for text, name in strings(rows) if len(text) > 2 and text not in zeros]
    secret = {(text, kind_of(text, name, WORDS)) for text, name in texts}

    assert [text for text, kind in secret if kind == "text" and text in out] == []
    # Numbers and times are parts of others by chance; as a whole they don't come again.
    assert [text for text, kind in secret if kind not in ("text", "kept", "time") and text in after] == []


def test_short_texts_are_in_no_word() -> None:
    """Where thousands of short texts are secret, made-up words avoid every one of them."""
    short = ["".join(letters) for letters in product("abcdefghijklm", repeat=3)]
    after = worn([short], 3)[0]

    assert len(set(after)) == len(short)
    assert not [word for word in after if any(text in word for text in short)]


@settings(max_examples=MANY)
@given(st.lists(values, max_size=5), st.integers(0, 2**32))
def test_shapes_and_equalities(rows: list[Any], seed: int) -> None:
    """Types, lengths of lists and the number of fields stay; equal values stay equal, and others different."""
    rows = json.loads(json.dumps(rows))
    after = worn(rows, seed)

    assert shape(after) == shape(rows)
    plain = [
        (type(one), one, two)
        for one, two in pairs(rows, after)
        if one is not None and not isinstance(one, bool)
    ]
    for kind in (int, str):
        forward = {one: two for found, one, two in plain if found is kind}
        assert len(set(forward.values())) == len(forward)
        assert all(forward[one] == two for found, one, two in plain if found is kind)


@settings(max_examples=MANY)
@given(
    st.lists(st.integers(-(10**15), 10**15), min_size=2, max_size=20),
    st.lists(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), min_size=2, max_size=20),
    st.integers(0, 2**32),
)
def test_order(ids: list[int], times: list[datetime], seed: int) -> None:
    """Ids keep their order and their sign, also where they are written as text; moments keep the time between them."""
    rows = [
        {"id": number, "starts_at": moment.isoformat() + "Z", "text_id": str(number)}
        for number, moment in zip(ids, times, strict=False)
    ]
    after = worn(rows, seed)
    numbers = [row["id"] for row in after]
    moments = [datetime.fromisoformat(row["starts_at"]) for row in after]
    real = [datetime.fromisoformat(row["starts_at"]) for row in rows]

    for one in range(len(rows)):
        for two in range(len(rows)):
            assert (rows[one]["id"] < rows[two]["id"]) == (numbers[one] < numbers[two])
            assert moments[one] - moments[two] == real[one] - real[two]
        assert (rows[one]["id"] > 0) == (numbers[one] > 0)
        assert after[one]["text_id"] == str(numbers[one])
        assert numbers[one] == 0 or numbers[one] not in ids
    assert moments[0] - real[0] >= timedelta(days=30)


def test_what_stays() -> None:
    """Documented values of enums stay, under the flat name of a field too; other values of the same field do not."""
    row = {
        "status": "attended",
        "customer_membership_status": "expired",
        "rule_applies_to": "no_shows",
        "object": "customer",
        "name": "attended",
    }
    [after] = worn([row, {"status": "Ann"}], 1)[:1]

    assert after["status"] == "attended"
    assert after["object"] == "customer"
    assert after["name"] != "attended"
    assert worn([{"status": "Ann"}], 1)[0]["status"] != "Ann"


def test_forms() -> None:
    """A mail address stays one; so do a URL, a phone number, a time, an amount, and a day that means never."""
    row = {
        "email": "ann@lee.com",
        "url": "https://lee.com/ann.jpg",
        "phone": "+44 20 7946-0000",
        "time": "09:30",
        "later": "18:00",
        "price": "12.50",
        "never": "9999-12-31",
        "day": "2025-02-28",
        "empty": "",
    }
    [after] = worn([row], 2)

    assert "@" in after["email"]
    assert after["url"].startswith("https://")
    assert after["phone"].startswith("+")
    assert after["phone"].count(" ") == 2
    assert after["time"] < after["later"]
    assert len(after["time"]) == 5
    assert after["price"].rpartition(".")[2].isdigit()
    assert after["never"] == "9999-12-31"
    assert date.fromisoformat(after["day"]) > date(2025, 2, 28)
    assert after["empty"] == ""


def test_where_there_is_little_room() -> None:
    """No made-up number is a real one, also where nearly all are taken; a day that is none is a text."""
    rows = [{"id": number, "price": f"{number}.0"} for number in range(1, 12_000)]
    after = worn([*rows, {"day": "2025-02-30", "at": "2025-02-28T25:00:00Z"}], 4)
    days = after.pop()

    assert {row["id"] for row in rows}.isdisjoint(row["id"] for row in after)
    assert {row["price"] for row in rows}.isdisjoint(row["price"] for row in after)
    assert "2025-02-30" not in days["day"]
    assert "2025-02-28" not in days["at"]
