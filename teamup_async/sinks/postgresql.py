"""PostgreSQL: tables that others read while they are written, in one transaction each."""

# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false
# (pyarrow has no type information)

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar, TypeVar

from .base import Batch, Extra, Merge, Merged, SinkError, State, Target
from .columnar import warm_up
from .history import add
from .naming import Names, check_names, named
from .postgres_address import address_of
from .postgres_link import InUseError, Link
from .postgres_merge import Arrival
from .postgres_tables import Fit, Tables
from .postgres_types import Rows
from .schema import Schema, with_extra

__all__ = ["PostgreSQL"]

T = TypeVar("T")


class PostgreSQL:
    """Tables in a schema of a PostgreSQL database, one for each target.

    `url` is ``postgresql://user@host/database?schema=teamup``; its other parameters are libpq's, as are the variables
    ``PGPASSWORD``, ``PGPASSFILE``, ``PGSERVICE``, ... With several accounts, column ``account`` says whose a row is.
    Objects and lists are ``jsonb``. Tables that this package did not make are not touched; what belongs to unfinished
    runs is in a schema of its own (``_teamup_public``). `wait` is how many seconds to wait for another run, or for a
    table that somebody has locked. `extra` ``"keep"`` adds a column ``extra`` for fields that the row class does not
    know; `names` ``"snake"`` calls columns ``customer_name`` instead of ``customer.name``; `notes` says what changed in
    the tables of the latest run.
    """

    format: ClassVar[str] = "postgresql"
    columnar: ClassVar[bool] = True
    """Batches take twins of rows: a pull makes no row objects for them."""

    def __init__(
        self, url: str, *, wait: float = 0.0, extra: Extra = "drop", names: Names = "dotted"
    ) -> None:
        self.address = address_of(url)
        self.extra = extra
        self.names: Names = check_names(names)
        self._link = Link(self.address, wait=wait)
        self._tables = Tables(self._link, self.names)

    @property
    def name(self) -> str:
        """The URL without its password."""
        return self.address.shown

    @property
    def notes(self) -> list[str]:
        """What changed in the tables."""
        return self._tables.notes

    def __repr__(self) -> str:
        return f"<PostgreSQL {self.name}>"

    def interrupt(self) -> None:
        """End waiting for somebody else; may be called from any thread."""
        self._link.waiting.stop()

    def is_there(self) -> bool:
        """Whether a run has ever written here; it makes nothing, and may be called while the sink is closed."""
        try:
            self._link.open()
            return self._tables.exists(self.address.workshop, "meta")
        finally:
            self._link.close()

    def open(self, targets: Sequence[Target]) -> State:
        """Connect, keep other runs out, and give the state last saved."""
        warm_up()
        self._link.waiting.restart()
        try:
            self._link.open()
            self._link.lock(self.address.schema)
            with self._link.transaction():
                self._tables.prepare()
                for target in targets:
                    self._tables.check_owner(target)
                state = self._tables.get_state()
        except BaseException:
            self.close()
            raise
        self.notes.clear()
        return state

    def batch(self, schema: Schema) -> Batch:
        """An empty batch."""
        return Rows(self._columns(schema))

    def append(self, part: str, batch: Batch, state: State) -> None:
        """Copy a batch into the stage of `part` and save `state`, in one transaction."""
        assert isinstance(batch, Rows)
        with self._tables.saving(state):
            self._tables.make_stage(part, batch.schema)
            self._link.copy(self.address.workshop, self._tables.stage(part), batch.finish())
        for column in batch.replaced:
            self._tables.tell(
                f"column {column}: NUL characters, which text in PostgreSQL can't hold, are U+FFFD there"
            )

    def save(self, state: State) -> None:
        """Save `state` and drop the stages that it does not name."""
        with self._tables.saving(state):
            named = {self._tables.stage(part) for part in state.get("parts", {})}
            self._tables.drop_stages(self._tables.stages() - named)

    def publish(self, target: Target, schema: Schema, parts: Sequence[str], state: State) -> str:
        """Replace the rows of `target`, drop its stages and save `state`, in one transaction.

        Readers see the old rows until then, and never wait.
        """
        schema = self._columns(schema)
        self._check(parts, schema)
        fit = self._fit(target, schema, anew=True)
        with self._tables.saving(state):
            Arrival(self._tables, target, schema).replace(parts, fit)
            self._tables.put({}, [f"mark {target}"])
        self._drop_missing(target, fit)
        return self._tables.place(target)

    def mark(self, target: Target) -> dict[str, Any] | None:
        """The mark saved with the rows of `target`."""
        with self._link.transaction():
            mark: dict[str, Any] | None = (
                self._tables.get(f"mark {target}") if self._tables.is_there(target) else None
            )
        return mark

    def merge(
        self, target: Target, schema: Schema, parts: Sequence[str], merge: Merge, state: State
    ) -> Merged:
        """Upsert by id, remove what is gone, save mark and `state`, in one transaction; readers never wait."""
        schema = self._columns(schema)
        self._check(parts, schema)
        fit = self._fit(target, schema, anew=merge.replace)
        with self._tables.saving(state):
            done = Arrival(self._tables, target, schema).merge(parts, merge, fit)
            self._tables.put({f"mark {target}": merge.mark})
        self._drop_missing(target, fit)
        return done

    def remember(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Keep `run` beside the state, in one transaction."""
        with self._link.transaction():
            history, earlier = add(self._tables.get("runs"), run)
            self._tables.put({"runs": history})
        return earlier

    def close(self) -> None:
        """Let the server go."""
        self._link.close()

    def _columns(self, schema: Schema) -> Schema:
        """The columns that are written, by their names: those of `schema`, and ``extra`` where that is kept."""
        return named(with_extra(schema) if self.extra == "keep" else schema, self.names)

    def _check(self, parts: Sequence[str], schema: Schema) -> None:
        with self._link.transaction():
            for part in parts:
                if self._tables.has_stage(part):
                    self._tables.check_stage(part, schema)

    def _fit(self, target: Target, schema: Schema, *, anew: bool) -> Fit:
        """Change the columns of a table before its rows, so that readers need not wait for those."""

        def change() -> Fit:
            if not self._tables.is_there(target):
                return Fit()
            self._tables.check_accounts(target)
            return self._tables.fit(target, schema, anew=anew and not self._tables.has_others(target))

        return self._switching(change)

    def _drop_missing(self, target: Target, fit: Fit) -> None:
        """Drop columns that are not read any more; one that a view reads stays, empty."""
        place = self._tables.place(target)
        for name in fit.missing:
            try:
                if not self._dropped(target, name):
                    self._switching(partial(self._tables.empty_column, target, name))
                    self._tables.tell(f"{place} keeps the column {name}, which is empty now: a view reads it")
            except SinkError as error:  # the rows are there, and the next run may do it
                self._tables.tell(f"{place} still has the column {name}, which is not read any more: {error}")

    def _dropped(self, target: Target, name: str) -> bool:
        try:
            self._switching(partial(self._tables.drop_column, target, name))
        except InUseError:
            return False
        return True

    def _switching(self, change: Callable[[], T]) -> T:
        """A transaction that has a table for itself, again and again until readers leave it a moment."""

        def attempt() -> T:
            with self._link.transaction():
                return change()

        return self._link.waiting.until(attempt, self._link.patience)
