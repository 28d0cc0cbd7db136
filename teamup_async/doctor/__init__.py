"""Finds out how an account's API answers where the documents are silent: ``await teamup.diagnose()``."""

from __future__ import annotations

from .diagnosis import Diagnosis, Finding

__all__ = ["Diagnosis", "Finding"]
