"""What a sink is: it takes rows, and keeps them together with the note of how far a pull has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol, runtime_checkable

import attrs

from ..errors import TeamUpError
from .schema import Schema

__all__ = [
    "Batch",
    "Extra",
    "Merge",
    "Merged",
    "MergingSink",
    "RememberingSink",
    "Sink",
    "SinkBusyError",
    "SinkError",
    "State",
    "Target",
]

Extra = Literal["drop", "keep"]
"""What becomes of fields that the row class does not know."""

State = dict[str, Any]
"""What a pull needs to go on: a JSON-able object, ``{}`` for nothing. Its key ``parts`` names the stages."""


class SinkError(TeamUpError):
    """Rows could not be stored: no space, no permission, a value that a column cannot hold.

    What to do: do what the message says about the place, and run the same command again: it goes on where
    it stood.
    """


class SinkBusyError(SinkError):
    """Another run is writing to the same target.

    What to do: wait until the other run has ended.
    """


@attrs.frozen(kw_only=True)
class Target:
    """What readers will see: a file or table called `name`, of one `account` where there are several."""

    name: str
    account: str | None = None

    def __str__(self) -> str:
        return self.name if self.account is None else f"{self.account}/{self.name}"


class Batch(Protocol):
    """Rows on their way into a sink, already in the sink's form: the row objects themselves are not kept.

    Keeping some thousand rows alive makes Python's garbage collector look through them again and again, which
    costs more than decoding them.
    """

    @property
    def schema(self) -> Schema:
        """The columns."""
        ...

    def add(self, rows: Sequence[Any]) -> None:
        """Take the rows of a page. Raises `SinkError` for a value that a column cannot hold."""
        ...

    def __len__(self) -> int:
        """How many rows were added."""
        ...


@runtime_checkable
class Sink(Protocol):
    """Takes rows. Batches are filled anywhere; everything else is called from one thread, never two at once.

    Batches are appended to *stages*, one for each part of a pull, which readers do not see. `publish` puts
    stages together and makes the result visible at once. All failures are `SinkError`.
    """

    @property
    def name(self) -> str:
        """What it is and where, for people: ``parquet:data``."""
        ...

    @property
    def format(self) -> str:
        """The name of its format, by which checkpoints know it: ``parquet``."""
        ...

    def open(self, targets: Sequence[Target]) -> State:
        """Lock the path for a run that will write `targets`, and give the state last saved.

        What was appended after that state was saved is gone. Raises `SinkBusyError` if another run has it,
        and `SinkError` if the targets can't be written.
        """
        ...

    def batch(self, schema: Schema) -> Batch:
        """An empty batch for rows with these columns."""
        ...

    def append(self, part: str, batch: Batch, state: State) -> None:
        """Add a batch to the stage of `part`; on return it is safe, and so is `state`: both, or (raising) neither."""
        ...

    def save(self, state: State) -> None:
        """Make `state` safe; stages that it does not name are dropped."""
        ...

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: State) -> str:
        """Replace the target by the stages of `parts`, in that order, and save `state`; says where the rows are now."""
        ...

    def close(self) -> None:
        """Let the target go."""
        ...


@attrs.frozen(kw_only=True)
class Merge:
    """How new rows go into a table that is kept up to date.

    Rows are told apart by ``id``. `since` (JSON-able: field, ISO time): rows at or after that time which were not read
    again are gone at the source, and are removed. `replace`: all rows are.
    `mark` is saved with the rows, and found again by `MergingSink.mark`.
    """

    mark: dict[str, Any]
    since: tuple[str, str] | None = None
    replace: bool = False


@attrs.frozen(kw_only=True)
class Merged:
    """What a merge did: `rows` of the target are there now, at `place`.

    `new` rows were not there before, `changed` rows were there with other values, `removed` rows are gone. Rows
    without an id are new or removed, never changed.
    """

    place: str
    rows: int
    new: int
    changed: int
    removed: int


@runtime_checkable
class MergingSink(Sink, Protocol):
    """A sink that can keep a table up to date."""

    def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark that was saved with the rows of `target`; None where there are none."""
        ...

    def merge(
        self, target: Target, schema: Schema, parts: Sequence[str], merge: Merge, state: State
    ) -> Merged:
        """Merge the stages of `parts` into the target, with the mark, and save `state`: all at once.

        Of a row that is in several stages the one in the last stage counts.
        """
        ...


@runtime_checkable
class RememberingSink(Sink, Protocol):
    """A sink that remembers runs, so that a report can show how things went before."""

    def remember(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Keep `run` (JSON-able, with its ``series``) with the others: both, or (raising `SinkError`) neither.

        Gives the earlier runs of the same series, oldest first. `sinks.history` says how many are kept.
        """
        ...
