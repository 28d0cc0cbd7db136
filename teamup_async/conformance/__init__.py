"""Tests of this package on recorded answers: ``pytest --teamup-recorded DIR``."""

from __future__ import annotations
