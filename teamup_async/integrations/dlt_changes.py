"""What a dlt resource reads of an account, and what it remembers of it in its state: never a token.

The marks are those of a sync: the latest change, the newest id, the latest time that is seen, taken before the walk.
What the next run reads again, because it lies within the lag, is remembered by digests, so that rows which did not
change are not loaded a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import attrs

from .._bulk.changes import SyncOptions, hides_future, latest_marks, parts_since, way_of
from .._bulk.client import Client
from .._bulk.identity import Owners, check_owner
from .._bulk.plan import Part
from ..endpoint import Changed, Endpoint, Growing, Recent, Whole
from ..sinks import known as rows_known

__all__ = ["Reading", "Resource", "begin"]

_VERSION: Final = 1
"""Version of what is remembered."""
_MOST: Final = 50_000
"""So many digests are remembered at most where nothing depends on them: state is written with every change."""


@attrs.frozen(kw_only=True)
class Resource:
    """A table: its endpoint, the parts that read it (one for each account), and how changes are read."""

    name: str
    endpoint: Endpoint[..., Any]
    parts: tuple[Part, ...]
    columns: tuple[str, ...]
    options: SyncOptions

    @property
    def way(self) -> Whole | Changed | Growing | Recent:
        """How it is kept up to date."""
        return way_of(self.endpoint, self.parts[0].ready(self.endpoint))

    @property
    def appends(self) -> bool:
        """Whether rows that are new can simply be added: none is read twice without being known.

        A booking that becomes visible is known by the start of its class. Without that column, rows of the lag come
        again, and have to be merged.
        """
        query = self.parts[0].ready(self.endpoint)
        span = self.endpoint.span
        seen = span.field if hides_future(self.endpoint, query) and span is not None else None
        return isinstance(self.way, Growing) and (seen is None or seen in self.columns)


@attrs.define
class Reading:
    """What is read of one account in one run. `parts` are its walks; `whole` says that they read everything.

    `bounds` say which rows the next run will read again, by column; None where the rows don't tell.
    """

    account: str | None
    parts: tuple[Part, ...]
    whole: bool
    note: dict[str, Any]
    bounds: Mapping[str, Any] | None
    by_id: bool
    known: Mapping[str, str] = attrs.field(factory=dict[str, str])
    since: str | None = None
    _found: dict[str, str | None] = attrs.field(factory=dict[str, str | None])
    _again: set[str] = attrs.field(factory=set[str])

    def new_in(self, batch: Any) -> Sequence[int] | None:
        """The places of rows that are new or changed; None for all of them."""
        if self.whole:
            if self.bounds:
                self._found |= rows_known.digests(batch, rows_known.from_on(batch, self.bounds))
            return None
        places: list[int] = []
        for at, (key, digest) in enumerate(rows_known.digests(batch, range(batch.num_rows)).items()):
            if key in self._found:
                if self._found[key] != digest and not self.by_id:
                    places.append(at)
                    self._found[key] = None  # which of the two is loaded is not certain: it is read again
                continue
            self._found[key] = digest
            if self.known.get(key) != digest and not (self.by_id and key in self.known):
                places.append(at)
        if self.bounds:
            keys = batch.column("id").to_pylist()
            self._again.update(str(keys[at]) for at in rows_known.from_on(batch, self.bounds))
        return places

    def gone(self) -> list[str]:
        """Ids that the last run read in the stretch that this one read again, and this one did not."""
        return [] if self.since is None else sorted(self.known.keys() - self._found.keys())

    def remembered(self) -> dict[str, Any]:
        """What the next run needs to know, JSON-able; nothing of what is read as a whole each time."""
        if not self.note:
            return {}
        kept = (
            self._found
            if self.whole or self.bounds is None
            else {key: self._found[key] for key in self._again}
        )
        digests = {key: digest for key, digest in sorted(kept.items()) if digest is not None}
        if len(digests) > _MOST and "since" not in self.note and not self.by_id:
            digests = {}
        return {**self.note, "rows": digests}


async def begin(
    client: Client, resource: Resource, part: Part, saved: Mapping[str, Any] | None, owners: Owners
) -> Reading:
    """What to read of the account of `part`, the whole query. `saved` is what the last run remembered.

    Raises `CheckpointError` where the rows that are there are another account's, and `RequestError`.
    """
    endpoint, options, way = resource.endpoint, resource.options, resource.way
    if isinstance(way, Whole):
        return Reading(part.account, (part,), True, {}, None, False)
    saved = saved or {}
    asked = {"version": _VERSION, "query": dict(part.query), "columns": list(resource.columns)}
    same = not options.full and all(saved.get(name) == value for name, value in asked.items())
    owner = await owners.of(client, saved.get("of"))
    if same:
        check_owner(saved["of"], owner, f"table {resource.name} of this dlt pipeline")
    before: Mapping[str, Any] = saved["marks"] if same else {}
    marks = await latest_marks(client, endpoint, part.ready(endpoint), way)
    # What can't be found out now stays as it was: nothing is there to be read.
    marks = {name: before.get(name) if value is None else value for name, value in marks.items()}
    note: dict[str, Any] = {**asked, "of": dict(owner), "marks": marks}
    bounds: Mapping[str, Any] | None = None
    if None not in marks.values():
        again, since = parts_since(endpoint, part, marks, options)
        bounds = _bounds(endpoint, way, again, resource.columns)
        note |= {} if since is None else {"since": since[1]}
    by_id = isinstance(way, Growing)
    if any(before.get(name) is None for name in marks):
        return Reading(part.account, (part,), True, note, bounds, by_id)
    parts, since = parts_since(endpoint, part, before, options)
    reading = Reading(part.account, parts, False, note, bounds, by_id, known=saved["rows"])
    # A stretch that begins later than the one remembered does not tell which rows of it are gone.
    if since is not None and datetime.fromisoformat(since[1]) <= datetime.fromisoformat(saved["since"]):
        reading.since = since[1]
    return reading


def _bounds(
    endpoint: Endpoint[..., Any],
    way: Changed | Growing | Recent,
    again: Sequence[Part],
    columns: Sequence[str],
) -> Mapping[str, Any] | None:
    """From which value on rows are read again by the parts `again`, by column; None where a column is missing."""
    found: dict[str, Any] = {}
    for part in again:
        query = part.ready(endpoint)
        span = endpoint.span
        if part.window is not None or isinstance(way, Recent):
            assert span is not None
            field, value = str(span.field), getattr(query, span.gte)
        elif isinstance(way, Changed):
            field, value = way.field, getattr(query, way.gte)
        else:
            field, value = "id", getattr(query, "id_gt") + 1  # noqa: B009 - a query class of its own
        if field not in columns:
            return None
        if type(value) is date:  # a day begins earlier in another time zone
            value = datetime(value.year, value.month, value.day, tzinfo=UTC) - timedelta(days=1)
        found[field] = value
    return found
