"""All declared endpoints, and how they are found by name. The tables are those of `reports` and `lists`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, overload

from . import lists, reports
from .endpoint import Endpoint
from .errors import QueryError, nearest, shown
from .query import Query

__all__ = ["ENDPOINTS", "Endpoints", "endpoint_for", "endpoint_named"]

_FEW: Final = 12
"""So many names are told when one is wrong; more would bury the message."""


class Endpoints(Sequence[Endpoint[..., Any]]):
    """The declared endpoints, reports first. Each is loaded when it is asked for; names are known before."""

    def __init__(self) -> None:
        packages = {"reports": reports, "lists": lists}
        self._homes: dict[str, tuple[Any, str]] = {}
        for kind, package in packages.items():
            for constant in (name for names in package.FILES.values() for name in names):
                bare = constant.lower()
                key = f"{kind}_{bare}" if bare in self._homes else bare
                self._homes[key] = package, constant

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each as an identifier (`Endpoint.python_name`), without loading any."""
        return tuple(self._homes)

    def get(self, name: str) -> Endpoint[..., Any] | None:
        """The endpoint with this `python_name`, with or without ``reports_`` or ``lists_`` before it."""
        package, constant = self._homes.get(name, (None, ""))
        if package is None:
            kind, _, bare = name.partition("_")
            package, constant = self._homes.get(bare, (None, ""))
            if package is not {"reports": reports, "lists": lists}.get(kind):
                return None
        found: Endpoint[..., Any] | None = None if package is None else getattr(package, constant)
        return found

    @overload
    def __getitem__(self, index: int) -> Endpoint[..., Any]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Endpoint[..., Any]]: ...

    def __getitem__(self, index: int | slice) -> Endpoint[..., Any] | Sequence[Endpoint[..., Any]]:
        homes = list(self._homes.values())
        if isinstance(index, slice):
            return tuple(getattr(package, constant) for package, constant in homes[index])
        package, constant = homes[index]
        found: Endpoint[..., Any] = getattr(package, constant)
        return found

    def __iter__(self) -> Iterator[Endpoint[..., Any]]:
        return (getattr(package, constant) for package, constant in self._homes.values())

    def __len__(self) -> int:
        return len(self._homes)

    def __repr__(self) -> str:
        return f"<{len(self)} endpoints, from {self.names[0]} to {self.names[-1]}>"


ENDPOINTS: Final = Endpoints()


def endpoint_named(name: str, among: Iterable[Endpoint[..., Any]] = ENDPOINTS) -> Endpoint[..., Any]:
    """The endpoint called `name`; dashes, underscores and dots are alike.

    ``reports.X`` and ``lists.X`` name one for certain. A bare ``X`` means the only one of that name, or the
    report. Raises `QueryError`.
    """
    wanted = re.sub(r"[-.]", "_", name.strip().lower())
    if isinstance(among, Endpoints):
        found = among.get(wanted)
        if found is not None:
            return found
        names = [known.replace("_", "-") for known in among.names]
    else:
        known = tuple(among)
        for endpoint in known:
            if wanted in (endpoint.python_name, re.sub(r"\W", "_", endpoint.full_name)):
                return endpoint
        names = [endpoint.command_name for endpoint in known]
    near = nearest(re.sub("_", "-", wanted), names)
    hint = f"; did you mean {near!r}?" if near else "."
    listed = f" Known: {', '.join(names)}" if len(names) <= _FEW else ""
    raise QueryError(
        f"There is no report or list called {shown(name, 80)}{hint}{listed}",
        parameter="report",
        value=name,
        allowed=names,
        suggestion=near,
    )


def endpoint_for(
    query: Query[Any], among: Iterable[Endpoint[..., Any]] = ENDPOINTS
) -> Endpoint[..., Any] | None:
    """The endpoint that takes this query, or None."""
    return next((endpoint for endpoint in among if endpoint.query_class is type(query)), None)
