"""Loggers that tell all they know."""

from __future__ import annotations

import asyncio
import logging

import pytest


@pytest.fixture
async def log(caplog):
    """Every logger at DEBUG, and the event loop telling each callback that it runs."""
    caplog.set_level(logging.DEBUG)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    return caplog
