"""A sandbox with both accounts in a file that workers can read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from teamup_async.sandbox import Sandbox


@attrs.frozen
class Studios:
    """A sandbox, and the file of its accounts; `tokens` must never be seen."""

    sandbox: Sandbox
    file: str
    tokens: tuple[str, ...]


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox for the tests of a module."""
    with Sandbox.in_thread(rows=2500, seed=5, rate=None) as sandbox:
        yield sandbox


@pytest.fixture
def studios(served: Sandbox, tmp_path: Path) -> Iterator[Studios]:
    """The sandbox without faults, and a file of its accounts; the tokens are in files of their own."""
    yield accounts_file(served, tmp_path)
    served.faults.clear()
    served.before_request = None


def accounts_file(sandbox: Sandbox, folder: Path, **settings: int) -> Studios:
    """Write down where the tokens of a sandbox's accounts are kept."""
    text, more = "", "".join(f"{name} = {value}\n" for name, value in settings.items())
    for name, account in zip(("north", "south"), sandbox.accounts, strict=True):
        token = folder / f"{name}.token"
        token.write_text(account.token)
        token.chmod(0o600)
        text += f'[accounts.{name}]\nprovider_id = {account.provider_id}\nbase_url = "{sandbox.url}"\n'
        text += f'token_file = "{name}.token"\n{more}'
    file = folder / "teamup.toml"
    file.write_text(text)
    return Studios(sandbox, str(file), tuple(account.token for account in sandbox.accounts))
