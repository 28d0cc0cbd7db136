"""What a client does, told to OpenTelemetry: spans and metrics (extra ``otel``). See docs/telemetry.md.

    TeamUp(telemetry=True)
    TeamUp(telemetry=OpenTelemetry(tracer_provider=..., meter_provider=...))

Without `telemetry` the variable ``TEAMUP_TELEMETRY`` decides; by default nothing is told, and OpenTelemetry is not
imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..errors import ConfigurationError
from .hooks import Telemetry

if TYPE_CHECKING:
    from .otel import OpenTelemetry

__all__ = ["OpenTelemetry", "resolve"]

_VARIABLE: Final = "TEAMUP_TELEMETRY"
_WORDS: Final = {"": False, "0": False, "false": False, "no": False, "off": False} | dict.fromkeys(
    ("1", "true", "yes", "on"), True
)


def resolve(given: Telemetry | bool | None, environment: Mapping[str, str]) -> Telemetry | None:
    """What a client tells its doings: what was `given`, or what ``TEAMUP_TELEMETRY`` says; None for nobody.

    Raises `ConfigurationError` where OpenTelemetry is missing, and for what says neither yes nor no.
    """
    if given is None:
        said = environment.get(_VARIABLE, "")
        given = _WORDS.get(said.strip().lower())
        if given is None:
            raise ConfigurationError(f"{_VARIABLE} must be 1 or 0, not {said!r}")
    if isinstance(given, bool):
        return _of_the_process() if given else None
    if not callable(getattr(given, "operation", None)):
        raise ConfigurationError(f"telemetry must be True, False or an OpenTelemetry, not {given!r}")
    return given


@cache
def _of_the_process() -> Telemetry:
    """What speaks to the providers that are set for the whole process, now or later."""
    return _loaded()()


def _loaded() -> type[OpenTelemetry]:
    try:
        from .otel import OpenTelemetry
    except ImportError as error:
        if not (error.name or "").startswith("opentelemetry"):
            raise
        raise ConfigurationError(
            "telemetry needs OpenTelemetry: pip install 'teamup-async[otel]', and an SDK to collect with"
        ) from None
    return OpenTelemetry


def __getattr__(name: str) -> Any:
    if name != "OpenTelemetry":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _loaded()
