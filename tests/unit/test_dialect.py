"""`Dialect`: its fields, what they allow, and how they are written."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import attrs
import pytest

from teamup_async.dialect import UNKNOWNS, Dialect, Unknown
from teamup_async.errors import ConfigurationError


def test_every_field_is_described() -> None:
    """Each field of `Dialect` has one description, in the same order, with no part left empty."""
    assert [field.name for field in attrs.fields(Dialect)] == [unknown.name for unknown in UNKNOWNS]
    for unknown in UNKNOWNS:
        assert unknown.question
        assert unknown.source
        assert unknown.by_itself
        assert unknown.found_by
        assert all(unknown.values.values())


@pytest.mark.parametrize("unknown", UNKNOWNS, ids=lambda unknown: unknown.name)
def test_the_type_names_the_values(unknown: Unknown) -> None:
    """The ``Literal`` of a field has the values that its description explains, the default first."""
    allowed = get_args(get_type_hints(Dialect)[unknown.name])

    assert tuple(unknown.values) == allowed
    assert unknown.default == allowed[0] == getattr(Dialect(), unknown.name)
    assert len(allowed) > 1


def test_a_dialect_is_written_as_its_deviations() -> None:
    """`str()` names what differs from the defaults, and `parse` reads it back."""
    dialect = Dialect(sort_by_id="ignored", arrays="comma")

    assert str(dialect) == "arrays=comma sort_by_id=ignored"
    assert dialect.deviations() == {"arrays": "comma", "sort_by_id": "ignored"}
    assert Dialect.parse(str(dialect)) == dialect
    assert repr(dialect) == "Dialect(arrays='comma', sort_by_id='ignored')"
    assert str(Dialect()) == "default"
    assert Dialect.parse("default") == Dialect()


def test_settings_may_be_written_with_dashes_and_in_any_case() -> None:
    """Names take dashes for underscores; names and values may be capitalised as one likes."""
    assert Dialect.from_settings({"Sort-By-Id": "IGNORED"}) == Dialect(sort_by_id="ignored")
    assert Dialect.parse(["auth_scheme=bearer", "arrays=comma,total=absent"]) == Dialect(
        auth_scheme="Bearer", arrays="comma", total="absent"
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("sort_by_ids=ignored", "did you mean 'sort_by_id'"),
        ("zzz=ignored", "Allowed: auth_scheme"),
        ("sort_by_id=ignord", "did you mean 'ignored'"),
        ("sort_by_id=zzz", "Allowed: honoured, ignored, refused"),
        ("sort_by_id", "field=value"),
    ],
)
def test_what_is_misspelt_is_refused(texts: str, message: str) -> None:
    """A wrong name or value is refused with the nearest right one, or with all of them."""
    with pytest.raises(ConfigurationError, match=message):
        Dialect.parse(texts)


def test_values_are_checked_when_made() -> None:
    """A value that a field does not know can't get in by the constructor."""
    wrong: Any = "ignord"
    with pytest.raises(ConfigurationError, match="did you mean 'ignored'"):
        Dialect(sort_by_id=wrong)
