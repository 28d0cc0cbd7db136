"""Twins: lean classes made from row classes, for pages whose values go into columns.

A twin has the fields that are asked for, with the types that the row class gives them, so it takes what the
row class takes and nothing else. Its objects are `msgspec.Struct`s, which cost half the time of attrs objects to
make, and which Python's garbage collector need not look at: what comes from JSON leads nowhere back to itself.

A *strict* twin refuses a field that it does not have. So a page that it takes holds nothing unknown. Its
*lenient* sister has all fields of the row class and passes over others, as the row class does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Union, cast, get_origin

import attrs
import msgspec

from .._memo import memo
from ..hints import alternatives, classes_in, hints_of, is_class, item_of
from ..sinks.extract import MADE_FROM
from ..sinks.schema import ListOf, Scalar, Schema, Struct, Type

__all__ = ["Twin", "twins_of"]

_UNION: Final[Any] = Union
_LIST: Final[Any] = list
_FACTORY: Final[Any] = attrs.Factory
_AWARE: Final[Any] = Annotated[datetime, msgspec.Meta(tz=True)]
_Tree = dict[str, Any]
"""What is asked for of an object, by field: a tree for an object, the type of its column for anything else."""


@attrs.frozen
class Twin:
    """A twin of a row class, `kind`. `tells`: whether a page that it takes can hold no unknown field."""

    kind: type[Any]
    tells: bool


@memo
def twins_of(schema: Schema, keys: tuple[str, ...]) -> tuple[Twin, ...]:
    """The strict and the lenient twin for the columns of `schema`; `keys` are fields that a walk looks at.

    None for a row class that does more than hold what it is given.
    """
    if not _only_holds(schema.row):
        return ()
    return _twin(schema, keys, strict=True), _twin(schema, keys, strict=False)


def _twin(schema: Schema, keys: Iterable[str], *, strict: bool) -> Twin:
    tree: _Tree = {}
    for column in schema.columns:
        if column.source == "path":
            _add(tree, column.path.split("."), column.type)
    for key in keys:
        _look_at(tree, key.split("."))
    maker = _Maker(strict=strict)
    kind = maker.make(schema.row, tree)
    return Twin(kind, strict and not maker.others)


def _add(tree: _Tree, path: list[str], type_: Type) -> None:
    *above, leaf = path
    for name in above:
        tree = tree.setdefault(name, {})
    tree[leaf] = type_


def _look_at(tree: _Tree, path: list[str]) -> None:
    """Add a field that only the walk looks at, if no column is there or above it."""
    *above, leaf = path
    for name in above:
        inner = tree.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        tree = cast("_Tree", inner)
    tree.setdefault(leaf, None)


class _Maker:
    """Makes the classes of one twin; `others` says whether objects of other classes are left in it."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self.others = False

    def make(self, cls: type[Any], tree: Mapping[str, Any]) -> type[Any]:
        """The twin of `cls` with the fields of `tree`."""
        declared = attrs.fields_dict(cls)
        fields: list[Any] = []
        others: dict[str, Any] = {MADE_FROM: cls}
        for name, hint in hints_of(cls).items():
            default = declared[name].default
            if name not in tree and self._strict and default is not attrs.NOTHING:
                # It can't be sent, so it is the same in all rows: an attribute of the class does.
                others[name] = default
                continue
            found = self._hint(hint, tree.get(name))
            self.others |= found is hint and bool(classes_in(hint))
            fields.append((name, found, *_default(default, found)))
        return msgspec.defstruct(
            cls.__name__,
            fields,
            namespace=others,
            frozen=True,
            gc=False,
            kw_only=True,
            forbid_unknown_fields=self._strict,
        )

    def _hint(self, hint: Any, asked: Any) -> Any:
        """`hint` with twins for the objects whose fields become columns, or members of a struct."""
        forms = alternatives(hint)
        kept = forms
        if isinstance(asked, Scalar) and asked.kind != "json":
            # A reference was asked for: a page that holds the object instead is no page for columns.
            kept = tuple(form for form in forms if not classes_in(form))
        # So is one where a moment lacks its offset: rows may know what was meant.
        exchanged = tuple(_AWARE if form is datetime else self._form(form, asked) for form in kept)
        return hint if exchanged == forms else _UNION[exchanged]

    def _form(self, form: Any, asked: Any) -> Any:
        """The same for one of the forms that a field may have."""
        match asked:
            case dict() if _only_holds(form):
                return self.make(form, cast("_Tree", asked))
            case Struct(fields) if _only_holds(form):
                return self.make(form, dict(fields))
            case ListOf(item) if (of := item_of(form, (list, tuple))) is not None:
                found: Any = self._hint(of, item)
                if found is not of:
                    array: Any = get_origin(form)
                    return array[found if array is _LIST else (found, ...)]
            case _:
                pass
        return form


@memo
def _only_holds(form: Any) -> bool:
    """Whether a form is a class whose objects hold what they are given: nothing is checked, changed or made."""
    return is_class(form) and not (
        hasattr(form, "__attrs_pre_init__")
        or hasattr(form, "__attrs_post_init__")
        or any(
            field.validator or field.converter or isinstance(field.default, _FACTORY) or not field.init
            for field in attrs.fields(form)
        )
    )


def _default(default: Any, hint: Any) -> tuple[Any, ...]:
    """The default of a twin's field, where there is one: that of the row class, or the empty twin of it."""
    if default is attrs.NOTHING:
        return ()
    if is_class(type(default)):
        for form in alternatives(hint):
            if isinstance(form, type) and issubclass(form, msgspec.Struct):
                return (form(),)
    return (default,)
