"""What PostgreSQL's columns hold, and rows on their way there: objects and lists are JSON."""

# pyright: reportAttributeAccessIssue=false, reportMissingTypeStubs=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# (pyarrow has no type information)

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from .columnar import ArrowBatch
from .postgres_address import fitting
from .schema import Scalar, Schema, Type

__all__ = ["Rows", "moved", "sql_type", "staged_type"]

_TYPES: Final = {
    "integer": "bigint",
    "number": "double precision",
    "decimal": "numeric(38,10)",
    "boolean": "boolean",
    "string": "text",
    "json": "jsonb",
    "date-time": "timestamp with time zone",
    "date": "date",
    "time": "time",
}
_JSON: Final = msgspec.json.Encoder(decimal_format="number")
_ESCAPE: Final = re.compile(r"\\(?:u0000|.)", re.DOTALL)
_INSTEAD: Final = "\ufffd"
"""Unicode's sign for what can't be shown, in the place of NUL, which no text of PostgreSQL can hold."""


def sql_type(type_: Type) -> str:
    """The type of a column that readers see; objects and lists are ``jsonb``."""
    return _TYPES[type_.kind] if isinstance(type_, Scalar) else "jsonb"


def staged_type(type_: Type) -> str:
    """The type of a column of a stage: ``json``, because COPY takes JSON as the text that it is."""
    made = sql_type(type_)
    return "json" if made == "jsonb" else made


def moved(column: str, old: Type, new: Type) -> str:
    """The values of a column of a stage, as SQL that gives them the type of the table's column."""
    return column if staged_type(old) == sql_type(new) else f"{column}::{sql_type(new)}"


class Rows(ArrowBatch):
    """Rows as Arrow arrays of types that PostgreSQL has; `replaced` names the columns in which NUL was replaced."""

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema)
        self.replaced: list[str] = []

    def finish(self) -> list[pa.RecordBatch]:
        """All rows as record batches."""
        return [self._flat(batch) for batch in super().finish()]

    def _flat(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [
            self._column(column.name, column.type, values)
            for column, values in zip(self.schema.columns, batch.columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, names=list(map(fitting, batch.schema.names)))

    def _column(self, name: str, type_: Type, values: pa.Array) -> pa.Array:
        if not isinstance(type_, Scalar):
            values = pa.array(
                [None if value is None else _JSON.encode(value).decode() for value in values.to_pylist()],
                pa.string(),
            )
        elif type_.kind not in ("string", "json"):
            return values
        if isinstance(type_, Scalar) and type_.kind == "string":
            return self._without(name, values, "\0", lambda text: text.replace("\0", _INSTEAD))
        return self._without(name, values, "\\u0000", _without_escaped)

    def _without(self, name: str, values: pa.Array, what: str, clean: Callable[[str], str]) -> pa.Array:
        if not pc.any(pc.match_substring(values, what)).as_py():
            return values
        texts: Sequence[Any] = values.to_pylist()
        cleaned = [None if text is None else clean(text) for text in texts]
        if cleaned != texts and name not in self.replaced:
            self.replaced.append(name)
        return pa.array(cleaned, pa.string())


def _without_escaped(text: str) -> str:
    """JSON without escaped NUL; a backslash that is itself escaped begins nothing."""
    return _ESCAPE.sub(lambda found: _INSTEAD if found[0] == "\\u0000" else found[0], text)
