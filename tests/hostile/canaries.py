"""Tokens that must show up nowhere, and all that can be seen of an exception or an object."""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Iterator
from typing import Any

TOKEN, REFRESH = "canary-4f1d8c2e9b7a", "canary-renews-63b0"
NEW_TOKEN, NEW_REFRESH = "canary-new-77aa", "canary-new-renews-91cc"
MARK = "canary-"


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that led to it, as far as Python tells."""
    while True:
        yield error
        hidden = error.__suppress_context__
        following = error.__cause__ or (None if hidden else error.__context__)
        if following is None:
            return
        error = following


def pickled(thing: Any) -> str:
    """The pickle of `thing`, or nothing where it refuses."""
    try:
        return repr(pickle.dumps(thing))
    except (TypeError, AttributeError, pickle.PicklingError):
        return ""


def everything(error: BaseException, *, with_locals: bool) -> str:
    """All that can be seen of an exception; locals of frames only those of this package and what it uses."""
    seen = [repr(error.args)]
    for each in chain(error):
        seen += [repr(each), str(each), repr(each.args), repr(vars(each)), pickled(each)]
    told = traceback.TracebackException.from_exception(error, capture_locals=with_locals)
    for part in parts(told):
        part.stack[:] = [frame for frame in part.stack if "/hostile/" not in frame.filename]
    return "\n".join([*seen, *told.format(), *getattr(error, "__notes__", ())])


def parts(told: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    part: traceback.TracebackException | None = told
    while part is not None:
        yield part
        part = part.__cause__ or part.__context__
