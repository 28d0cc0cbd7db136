"""The one reader of type hints."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs
import pytest

from teamup_async.hints import Hint, alternatives, class_in, hints_of, is_class, is_mapping, item_of, read


@attrs.frozen
class Inner:
    at: int | None = None


@attrs.frozen
class Outer:
    inner: "Inner | None" = None
    kind: Literal["a", "b"] | str | None = None


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        (int, Hint(False, (), (int,))),
        (int | None, Hint(True, (), (int,))),
        (Literal["a", "b"] | str | None, Hint(True, ("a", "b"), (str,))),
        (Literal["b", "a"], Hint(False, ("b", "a"), ())),
        (list[int] | str, Hint(False, (), (list[int], str))),
    ],
)
def test_read(hint: Any, said: Hint) -> None:
    """A hint says whether None is allowed, which values are listed, and what else it may be, in order."""
    assert read(hint) == said


def test_fields() -> None:
    """The hints of a class come in the order of its fields, with names resolved."""
    assert list(hints_of(Outer)) == ["inner", "kind"]
    assert alternatives(hints_of(Outer)["inner"]) == (Inner, type(None))


def test_forms() -> None:
    """Lists, tuples and sequences have items, mappings and classes have none; a class is found in a list, too."""
    assert [item_of(form) for form in (list[int], tuple[str, ...], Sequence[bool], int)] == [
        int,
        str,
        bool,
        None,
    ]
    assert item_of(list[int], (Sequence,)) is None
    assert [is_mapping(form) for form in (Mapping[str, Any], list[int], int)] == [True, False, False]
    assert [is_class(form) for form in (Inner, int, list[Inner])] == [True, False, False]
    held = (Inner | None, list[int | Inner], tuple[Inner, ...], int, list[int])
    assert [class_in(hint) for hint in held] == [Inner, Inner, Inner, None, None]
