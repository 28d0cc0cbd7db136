"""Warnings of a walk. They name the line that reads, however deep below it the walk is."""

from __future__ import annotations

import inspect
import os
import warnings
from typing import Final

__all__ = ["warn"]

_PACKAGE: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")  # noqa: PTH118, PTH120 - as frames say it


def warn(text: str, category: type[Warning]) -> None:
    """Warn as from the first line outside of this package."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level)
