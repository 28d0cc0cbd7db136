"""What the sandbox refuses, as the documented error envelope.

API document: guide "errors": ``{code, message, type, field_errors}`` with statuses 400, 401, 403, 404, 429.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ProblemError(Exception):
    """An answer other than 200, raised from anywhere below the request handler."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        field_errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.field_errors = dict(field_errors or {})
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The documented envelope."""
        return envelope(self.code, str(self), self.field_errors)


def envelope(code: str, message: str, field_errors: Mapping[str, list[str]] | None = None) -> dict[str, Any]:
    """The documented error body."""
    return {
        "code": code,
        "field_errors": dict(field_errors or {}),
        "message": message,
        "type": "invalid_request_error",
    }


def invalid(field: str, message: str) -> ProblemError:
    """400 about one parameter."""
    return ProblemError(400, "invalid", f"{field}: {message}", {field: [message]})
