"""What the package loads when it is first used: as with all contenders, that is no part of the walk."""

from __future__ import annotations

from importlib import import_module

from teamup_async.endpoints import endpoint_named

MODULES = (
    "client",
    "stream",
    "_bulk.methods",
    "_bulk.runner",
    "_decoding.columns",
    "_decoding.fast",
    "_http.requester",
    "_walking.walk",
)


def load() -> None:
    """Load it now."""
    endpoint_named("attendances")
    for module in MODULES:
        import_module(f"teamup_async.{module}")
