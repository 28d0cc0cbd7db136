"""The command line, as in tests/cli."""

from tests.cli.conftest import environment, sandbox, shared, teamup

__all__ = ["environment", "sandbox", "shared", "teamup"]
