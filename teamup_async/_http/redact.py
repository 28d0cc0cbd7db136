"""What may be quoted of an answer: in part, harmless to a terminal, and without tokens. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from .._json import is_object
from ..errors import clip

__all__ = ["conceal", "excerpt", "printable"]

_EXCERPT = 200
_SECRET = 4
"""Characters of the shortest secret: what is shorter would be found in any text."""


def excerpt(body: bytes) -> str:
    """The beginning of a body, printable and at most 200 characters."""
    return printable(body[: 4 * _EXCERPT].decode("utf-8", "replace"), _EXCERPT)


def printable(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, none of which does anything to a terminal."""
    shown = text[: 4 * limit]
    return clip(shown if shown.isprintable() else "".join(map(_visible, shown)).strip(), limit)


def _visible(character: str) -> str:
    return character if character.isprintable() else " "


def conceal(error: BaseException, secrets: Iterable[str]) -> None:
    """Take `secrets` out of all that `error` and its causes say, also where a quotation ends inside of one.

    What Python does not show counts too: a hidden context, and the exceptions of a group, go into pickles of those who
    pickle tracebacks (Dask does).
    """

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return _without(value, known)
        if type(value) in (list, tuple):  # tuples with names are other libraries'
            return type(value)(map(clean, value))
        return {clean(key): clean(each) for key, each in value.items()} if is_object(value) else value

    known = [secret for secret in secrets if len(secret) >= _SECRET]
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None:
            continue
        each.args = clean(each.args)
        vars(each).update(clean(vars(each)))
        left.append(each.__cause__ or each.__context__)
        if isinstance(each, BaseExceptionGroup):
            left += cast("tuple[BaseException, ...]", each.exceptions)


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
        # A quotation that was cut off: it ends with the beginning of the secret.
        for length in range(len(secret) - 1, _SECRET - 1, -1):
            text = text.replace(f"{secret[:length]}…", "***…")
    return text
