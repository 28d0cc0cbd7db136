"""The blocking client has the methods of the async one: names, parameters, defaults, types and docstrings."""

import inspect
import re
from typing import Any

import pytest

import teamup_async
from teamup_async import blocking
from teamup_async.bulk import Account, BulkPull
from teamup_async.methods import RetrievableList

PAIRS = [
    (teamup_async.TeamUp, blocking.TeamUp),
    (teamup_async.RowStream, blocking.RowStream),
    (teamup_async.ExportJob, blocking.ExportJob),
    (teamup_async.Reports, blocking.Reports),
    (teamup_async.Lists, blocking.Lists),
    (BulkPull, blocking.BulkPull),
    (RetrievableList, blocking.RetrievableList),
]
CALLED = {
    "aclose": "close",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
}
"""What is called otherwise, since the language says so."""
TYPES = {
    "RowIterator[Row]": "Generator[Row]",
    "PageIterator[Row]": "Items[Page[Row]]",
    "BatchIterator": "Items[Any]",
    "AsyncIterator[Row]": "Iterator[Row]",
}
"""What gives the same one after the other."""
INNER = {
    (teamup_async.RowStream, "__init__"),  # made by a client
    (teamup_async.ExportJob, "__init__"),
    (teamup_async.RowStream, "__aenter__"),  # gives what its __aiter__ gives
}


def public(kind: type) -> dict[str, Any]:
    """What a class has for its users; the dunders among it that say how it is used."""
    return {name: inspect.getattr_static(kind, name) for name in names(kind)}


def names(one: Any) -> list[str]:
    return [name for name in dir(one) if not name.startswith("_") or name in {*CALLED, *CALLED.values()}]


def spelled(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    text = text.replace("exports.ExportFormat", "ExportFormat").replace("client.TeamUp", "TeamUp")
    return TYPES.get(text, text)


def test_the_same_names() -> None:
    """Each public name of an async client, stream, list and job is there under its own name, and no other is."""
    one, two = teamup_async.TeamUp(token="t"), blocking.TeamUp(token="t")
    accounts = [Account(name="a", token="t")]
    saved = {"job": 1, "report": "attendances"}
    for async_, waiting in (
        (one, two),
        (one.reports, two.reports),
        (one.lists, two.lists),
        (one.venues, two.venues),
        (one.venues(), two.venues()),
        (one.export_job(saved), two.export_job(saved)),
        (BulkPull(accounts), blocking.BulkPull(accounts)),
    ):
        assert {CALLED.get(name, name) for name in names(async_)} == set(names(waiting))


@pytest.mark.parametrize(("async_", "waiting"), PAIRS, ids=lambda kind: kind.__name__)
def test_the_same_parameters(async_: type, waiting: type) -> None:
    """Each method takes the same parameters, with the same defaults and types, and returns the same type."""
    compared = 0
    for name, member in public(async_).items():
        if not callable(member) and not isinstance(member, classmethod):
            continue
        if (async_, name) in INNER or hasattr(
            type(member), "__signature__"
        ):  # an endpoint: the very same object
            continue
        one = inspect.signature(getattr(async_, name))
        two = inspect.signature(getattr(waiting, CALLED.get(name, name)))
        shape = [(p.name, p.kind, p.default, spelled(p.annotation)) for p in one.parameters.values()]
        assert shape == [
            (p.name, p.kind, p.default, spelled(p.annotation)) for p in two.parameters.values()
        ], name
        assert spelled(one.return_annotation) == spelled(two.return_annotation), name
        compared += 1
    assert inspect.signature(async_) == inspect.signature(waiting) or async_ not in (
        teamup_async.TeamUp,
        BulkPull,
    )
    assert compared or async_ in (teamup_async.Reports, teamup_async.Lists)


@pytest.mark.parametrize(("async_", "waiting"), PAIRS, ids=lambda kind: kind.__name__)
def test_docstrings(async_: type, waiting: type) -> None:
    """Each method says what it does, without words of async code, and none is a coroutine function."""
    for name in public(async_):
        member = getattr(waiting, CALLED.get(name, name), None)
        if not callable(member) or name.startswith("__") or isinstance(member, type):
            continue
        assert not inspect.iscoroutinefunction(member)
        assert not inspect.isasyncgenfunction(member)
        assert member.__doc__, name
        assert not re.search(r"\bawait\b|\basync (for|with)\b", member.__doc__), name
