"""Arrow types as Spark has them."""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportAttributeAccessIssue=false
# (Spark need not be installed where this is checked, and pyarrow has no type information)

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from pyspark.sql import types as spark

from ..sinks.frames import labels

__all__ = ["matching", "spark_schema"]

_FLAT: Final = {
    "int64": spark.LongType,
    "double": spark.DoubleType,
    "bool": spark.BooleanType,
    "string": spark.StringType,
    "date32[day]": spark.DateType,
    "timestamp[us, tz=UTC]": spark.TimestampType,
    "time64[us]": spark.StringType,  # a time of day: Spark has none before 4.1
}


def spark_schema(arrow: Any) -> Any:
    """A ``StructType`` for a ``pyarrow.Schema``; every field may be null."""
    return spark.StructType([spark.StructField(field.name, _type(field.type)) for field in arrow])


def _type(arrow: Any) -> Any:
    text = str(arrow)
    if text in _FLAT:
        return _FLAT[text]()
    if text.startswith("decimal128"):
        return spark.DecimalType(arrow.precision, arrow.scale)
    if text.startswith("struct"):
        return spark_schema([arrow.field(index) for index in range(arrow.num_fields)])
    return spark.ArrayType(_type(arrow.value_type))


def matching(batches: Iterable[Any], names: Sequence[str]) -> Iterator[Any]:
    """Batches with these columns, and types that Spark reads."""
    for batch in batches:
        chosen = batch if list(batch.schema.names) == list(names) else batch.select(list(names))
        yield labels().without_times(chosen)
