"""JSON: one array of objects, nested as TeamUp sends them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .jsonl import objects
from .lines import LineSink
from .schema import Schema
from .text import ENCODER

__all__ = ["Json"]


class Json(LineSink):
    """A JSON array, UTF-8, an object a line. For programs that read a file as a whole; `Jsonl` is for all others.

    * `path`: a folder, or a file that ends in ``.json``; also an address such as ``s3://bucket/folder/``.
    * `wait`: seconds to wait for another run that writes there. `names`: ``"snake"`` calls columns ``customer_name``
      instead of ``customer.name``. `extra`: ``"keep"`` keeps fields that no row class knows, in a column ``extra``.
    * `storage_options`: what fsspec is told of an object store, where the environment does not say it.
    """

    format: ClassVar[str] = "json"
    suffix: ClassVar[str] = ".json"
    nested = True
    between: ClassVar[int] = 1

    def lines(self, schema: Schema, rows: Sequence[Any]) -> bytes:
        """A comma and a line for each row."""
        return b"".join(b",\n" + ENCODER.encode(made) for made in objects(schema, rows))

    def head(self, schema: Schema) -> bytes:
        """The array begins."""
        return b"["

    def tail(self) -> bytes:
        """The array ends."""
        return b"\n]\n"
