"""Packages of declarations whose modules are loaded when one of their names is first used.

Making a declaration's classes takes longer than importing the rest of this package.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from os.path import commonprefix
from typing import Any

__all__ = ["loader"]


def loader(package: str, modules: Iterable[str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package: it looks a name up in `modules`, and loads as few as it can.

    The module whose name is most like the wanted one is looked at first: ``GiftCardsQuery`` is in ``gift_cards``.
    """
    names = tuple(modules)

    def load(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if name in names:
            return import_module(f".{name}", package)
        wanted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        for module in sorted(names, key=lambda module: -len(commonprefix([module, wanted]))):  # noqa: RUF071 - of names, which are no paths
            loaded = import_module(f".{module}", package)
            if name in loaded.__all__:
                value = getattr(loaded, name)
                setattr(sys.modules[package], name, value)
                return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
