"""What an endpoint is: a path, a query class, a row class, an envelope. Everything else is derived from
these.

``Endpoint(query=SomeQuery, row=SomeRow)`` takes its parameter specification from the constructor of the query
class, so type checkers know the keyword arguments of every method made from it, and the row it yields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast

import attrs

from .envelope import MAX_PAGE_SIZE, REPORT, By, Envelope
from .errors import QueryError, nearest, shown
from .query import Parameter, Query, check_scalar, parameters
from .rows import expandable_paths, expanded_paths, field_paths, leaf_paths

__all__ = [
    "Changed",
    "Endpoint",
    "Growing",
    "KeyOrder",
    "Recent",
    "Sync",
    "TimeSpan",
    "Whole",
]

P = ParamSpec("P")
Row = TypeVar("Row")


@attrs.frozen(kw_only=True)
class KeyOrder:
    """The key that a list can be sorted by, and entered again at.

    `field` is the row's field, or the dotted path of one in an object that rows hold only where ``expand`` asks for
    it (``event.starts_at``): a walk asks, and gives its caller the object's id. `sort` is the value of ``sort`` that
    orders by it (``-`` before it: downwards), `gte` and `lte` the parameters that begin and end there; None where the
    list has none.
    """

    field: str
    sort: str
    gte: str | None = None
    lte: str | None = None


@attrs.frozen(kw_only=True)
class TimeSpan:
    """The stretch of time that rows can be asked for by.

    `field` is the dotted path of the row's field, None where rows do not carry it (grouped reports); `gte`
    and `lte` are the parameters. Both ends are included.
    """

    field: str | None
    gte: str
    lte: str


@attrs.frozen(kw_only=True)
class Changed:
    """Kept up to date by what changed: rows whose `field` lies at or after a time, through parameter `gte`.

    `unit` says what `gte` takes: a ``"date-time"``, or a ``"date"``.
    """

    field: str
    gte: str
    unit: Literal["date-time", "date"] = "date-time"


@attrs.frozen
class Recent:
    """Kept up to date by reading the latest stretch of the endpoint's `span` again."""


@attrs.frozen
class Growing:
    """Kept up to date by reading what is new (``id_gt``): its rows never change and are never deleted."""


@attrs.frozen
class Whole:
    """Kept up to date by reading everything again."""


Sync = Changed | Recent | Growing | Whole
"""How a copy of an endpoint's rows is kept up to date."""


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Endpoint(Generic[P, Row]):
    """One endpoint of the API, declared.

    `name` and `title` are the vendor's, `path` is relative to the base URL. `query` is the class of its parameters,
    `row` that of its rows; `envelope` is `REPORT` or `LIST`. `shared_name` says that a report has the name of this
    list, `aliases` maps flat column names to row paths, `measures` are the columns of a `grouped` report that are
    computed rather than grouped by. `order` is the key that a list without ``id_gt`` is walked by, `span` the stretch
    of time by which it is split and by which recent rows are read, `future` the parameter that includes rows of the
    future, `sync` how a copy is kept up to date.
    `max_page_size` is the most rows that a page may have, and `retrieve` says whether one object can be had by
    its id (``GET <path>/{id}``).
    """

    name: str
    title: str
    path: str
    shared_name: bool = False
    query: Callable[P, Query[Row]]
    row: type[Row]
    envelope: Envelope = REPORT
    grouped: bool = False
    measures: tuple[str, ...] = ()
    aliases: Mapping[str, str] = attrs.field(factory=dict[str, str])
    order: KeyOrder | None = None
    span: TimeSpan | None = None
    future: str | None = None
    sync: Sync = Whole()
    max_page_size: int = MAX_PAGE_SIZE
    retrieve: bool = False

    @property
    def query_class(self) -> type[Query[Row]]:
        """The query class (`query`, for those who need a class rather than a callable)."""
        return cast("type[Query[Row]]", self.query)

    @property
    def full_name(self) -> str:
        """The name that is always right: ``reports.X`` or ``lists.X``."""
        return f"{self.envelope.name}s.{self.name}"

    @property
    def key(self) -> str:
        """The shortest name that no other endpoint has: ``X``, or ``lists.X`` where a report is called ``X``."""
        return self.full_name if self.shared_name else self.name

    @property
    def python_name(self) -> str:
        """The key as an identifier, for tables and files: dots become underscores."""
        return self.key.replace(".", "_")

    @property
    def export_path(self) -> str | None:
        """Where a job that exports this report is started, None for a list. API documents: "Report - Export"."""
        return f"{self.path.removesuffix('/data')}/export" if self.path.endswith("/data") else None

    @property
    def command_name(self) -> str:
        """The key as a command: underscores become dashes."""
        return self.key.replace("_", "-")

    @cached_property
    def filters(self) -> tuple[Parameter, ...]:
        """The parameters of the query class."""
        return parameters(self.query_class)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every documented query parameter, paging and format included, by name."""
        paging = (
            attrs.evolve(p, maximum=self.max_page_size) if p.name == "page_size" else p
            for p in self.envelope.paging
        )
        return tuple(sorted((*self.filters, *paging), key=lambda p: p.name))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Allowed values of ``columns``; empty where the endpoint has no such parameter."""
        return next((p.enum for p in self.filters if p.name == "columns"), ())

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the row's columns, in declared order."""
        return leaf_paths(self.row)

    @cached_property
    def has_id(self) -> bool:
        """Whether rows carry an id."""
        return "id" in self.paths

    @cached_property
    def pagings(self) -> tuple[By, ...]:
        """The ways to walk this endpoint, the default first."""
        by_id = any(p.name == "id_gt" for p in self.filters) and self.has_id
        return (*self.envelope.pagings, "id") if by_id else self.envelope.pagings

    @property
    def default_by(self) -> By:
        """How it is walked unless asked otherwise: the way that can fetch ahead."""
        return self.pagings[0]

    def canonical(self, column: str) -> str:
        """The row path that a column name (an alias, perhaps with a leading ``-``) stands for."""
        sign = "-" if column.startswith("-") else ""
        name = column.removeprefix("-")
        return sign + self.aliases.get(name, name)

    def flat_name(self, path: str) -> str:
        """The documented flat name of a row path (perhaps with a leading ``-``); the path itself where it has none."""
        sign = "-" if path.startswith("-") else ""
        return sign + self._flat_names.get(path.removeprefix("-"), path.removeprefix("-"))

    @cached_property
    def _flat_names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for alias, path in self.aliases.items():
            found.setdefault(path, alias)
        return found

    def leaves(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The row paths that `columns` select, aliases resolved, groups spelled out, none twice."""
        wanted: dict[str, None] = {}
        for column in columns:
            path = self.canonical(column)
            wanted.update(dict.fromkeys(p for p in self.paths if p == path or p.startswith(f"{path}.")))
        return tuple(wanted)

    def list_columns(self, query: Query[Row]) -> tuple[str, ...]:
        """The columns of a list, for tables: those of `fields`, else all; expanded objects spelled out."""
        wanted: Iterable[str] = getattr(query, "fields", None) or self.paths
        return expanded_paths(self.row, wanted, getattr(query, "expand", None) or ())

    def path_of(self, object_id: int) -> str:
        """The path of one object. Raises `QueryError` where no document says that it can be had by its id."""
        if not self.retrieve:
            raise QueryError(f"{self.name} documents no way to get one object by its id", parameter="id")
        check_scalar(Parameter(name="id", kind="integer", required=True), object_id)
        return f"{self.path}/{object_id:d}"

    def make_query(self, values: Mapping[str, Any]) -> Query[Row]:
        """The query with these values.

        Raises `QueryError`, also for a name that is no parameter, and for a required one that is missing.
        """
        known = {parameter.name: parameter for parameter in self.filters}
        for name, value in values.items():
            if name not in known:
                near = nearest(name, known)
                hint = f"; did you mean {near!r}?" if near else "."
                raise QueryError(
                    f"{self.command_name} has no filter {shown(name, 80)}{hint}",
                    parameter=name,
                    value=value,
                    allowed=tuple(known),
                    suggestion=near,
                )
        for parameter in known.values():
            if parameter.required and values.get(parameter.name) is None:
                raise QueryError(
                    f"{self.command_name}: {parameter.name} is required",
                    parameter=parameter.name,
                    allowed=parameter.enum,
                )
        return self.query_class(**values)

    def check(self, query: Query[Row]) -> None:
        """Check what only the row class knows: the paths in ``expand`` and ``fields``, the columns in
        ``sort``.

        Raises `QueryError`.
        """
        self._check_paths(query, "expand", expandable_paths(self.row))
        self._check_paths(query, "fields", field_paths(self.row))
        sort = getattr(query, "sort", None)
        if self.columns and sort is not None:
            _check_names("sort", [name.removeprefix("-") for name in sort], self.columns)

    def _check_paths(self, query: Query[Row], name: str, allowed: Iterable[str]) -> None:
        values = getattr(query, name, None)
        if values is not None:
            _check_names(name, values, allowed)


def _check_names(parameter: str, values: Iterable[str], allowed: Iterable[str]) -> None:
    known = tuple(allowed)
    for value in values:
        if value not in known:
            near = nearest(value, known)
            hint = f"; did you mean {near!r}?" if near else "."
            listed = f" Allowed: {', '.join(sorted(known))}" if len(known) <= 60 else ""
            raise QueryError(
                f"{parameter} does not know {shown(value, 80)}{hint}{listed}",
                parameter=parameter,
                value=value,
                allowed=known,
                suggestion=near,
            )
