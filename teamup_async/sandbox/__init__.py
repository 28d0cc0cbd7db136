"""A local TeamUp to run against: real HTTP, seeded data in SQLite, quota, documented errors, faults on
demand.

    async with Sandbox(rows=1000) as sandbox:
        async with TeamUp(base_url=sandbox.url, token=sandbox.token) as teamup: ...

Names are loaded when first used, so that the pytest plugin costs nothing where it is not used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import faults
    from .auth import Account
    from .fault import Fault
    from .record import Received
    from .server import Sandbox
    from .wire import Reply

__all__ = ["Account", "Fault", "Received", "Reply", "Sandbox", "faults"]

_HOMES = {"Account": "auth", "Fault": "fault", "Received": "record", "Reply": "wire", "Sandbox": "server"}


def __getattr__(name: str) -> Any:
    if name == "faults":
        return import_module(f"{__name__}.faults")
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
