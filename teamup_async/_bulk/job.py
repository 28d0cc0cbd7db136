"""What a run has to do for one target: which parts, whether to go on with what is saved, and how it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ..endpoint import Endpoint
from ..endpoints import endpoint_named
from ..sinks.base import Merge, Sink, Target
from ..sinks.naming import names_of
from ..sinks.schema import Schema
from .changes import Reading, SyncOptions, check_query, decide
from .checkpoint import Kind, Saved, check
from .client import Client
from .identity import Owners, check_owner
from .plan import Part, Plan
from .result import RowCounts
from .store import Store

__all__ = ["Job", "jobs_of", "written_form"]


@attrs.define(kw_only=True, eq=False)
class Job:
    """One target of a run.

    `asked` are the parts as planned, `request` what must be the same for a later run to go on with this one.
    With `sync`, `asked` is the one part for the whole query, and what is read is decided when the job begins.
    `thrifty` walks spend the fewest requests; None leaves that to each walk.
    """

    target: Target
    client: Client
    endpoint: Endpoint[..., Any]
    asked: tuple[Part, ...]
    request: Mapping[str, Any]
    sync: SyncOptions | None = None
    thrifty: bool | None = None
    parts: tuple[Part, ...] = ()
    schema: Schema | None = None
    place: str | None = None
    counts: RowCounts | None = None
    notes: list[str] = attrs.field(factory=list[str])

    @property
    def kind(self) -> Kind:
        """What it is called in messages."""
        return "pull" if self.sync is None else "sync"

    def known_parts(self, store: Store, *, restart: bool) -> tuple[Part, ...]:
        """The parts as far as they are known before anything is asked: for those who watch."""
        saved = None if restart else store.saved(self.target)
        return self.asked if saved is None or saved.place is not None else saved.parts

    async def begin(self, store: Store, owners: Owners, *, restart: bool) -> None:
        """Go on with what is saved, or begin. Raises `CheckpointError`, `RequestError` or `SinkError`."""
        saved = store.saved(self.target)
        old = None if self.sync is None else await store.mark(self.target)
        told = saved.owner if saved is not None else (old or {}).get("of")
        owner = await owners.of(self.client, told)
        wanted = Saved(
            kind=self.kind,
            request=self.request,
            sink=written_form(store.sink),
            owner=owner,
            parts=self.asked,
        )
        if saved is not None and not restart and not self._outdated(saved):
            check(saved, wanted, self.target, store.sink.name)
            check_owner(
                saved.owner, owner, f"the unfinished {self.kind} of {self.target} in {store.sink.name}"
            )
            self.parts = saved.parts
            self.place = None if store.waits(self.target) else saved.place
            return
        if self.sync is not None:
            [part] = self.asked
            reading = await decide(
                self.client,
                self.endpoint,
                part,
                old=old,
                owner=owner,
                options=self.sync,
                place=store.sink.name,
                names=names_of(store.sink),
            )
            wanted = attrs.evolve(wanted, parts=reading.parts, merge=reading.merge)
        self.parts = wanted.parts
        await store.begin(self.target, wanted)

    async def look(self, store: Store | None, owners: Owners) -> Reading:
        """What a sync would read now; nothing is changed. Without a store there is nothing yet."""
        assert self.sync is not None
        saved = None if store is None else store.saved(self.target)
        if saved is not None and not self._outdated(saved):
            return Reading(parts=saved.parts, merge=saved.merge or Merge(mark={}))
        old = None if store is None else await store.mark(self.target)
        owner = await owners.of(self.client, (old or {}).get("of"))
        [part] = self.asked
        return await decide(
            self.client,
            self.endpoint,
            part,
            old=old,
            owner=owner,
            options=self.sync,
            place="" if store is None else store.sink.name,
            names="dotted" if store is None else names_of(store.sink),
        )

    def _outdated(self, saved: Saved) -> bool:
        """Whether what is saved is of no use: a sync that is finished, or that does not read everything."""
        if self.sync is None:
            return False
        merge = saved.merge
        return saved.place is not None or (self.sync.full and merge is not None and not merge.replace)

    async def finish(self, store: Store) -> None:
        """Make the target visible, or bring it up to date, and compare it with what TeamUp says."""
        assert self.schema is not None
        if self.place is not None:
            return
        if self.sync is None:
            self.place = (await store.publish(self.target, self.schema)).place
            self.notes += store.take_notes()
            return
        merged = await store.merge(self.target, self.schema)
        self.notes += store.take_notes()
        self.place = merged.place
        self.counts = RowCounts(
            new=merged.new, changed=merged.changed, removed=merged.removed, table=merged.rows
        )


def written_form(sink: Sink) -> dict[str, Any]:
    """What of a sink changes the form of its stages."""
    kind = getattr(sink, "format", None) or type(sink).__name__.lower()
    form = {"format": kind, "nested": getattr(sink, "nested", None)}
    usual = {"extra": "drop", "cells": "text", "names": "dotted"}
    chosen = {name: getattr(sink, name, value) for name, value in usual.items()}
    return form | {name: value for name, value in chosen.items() if value != usual[name]}


def jobs_of(
    plan: Plan,
    clients: Mapping[str | None, Client],
    endpoints: Iterable[Endpoint[..., Any]],
    requests: Mapping[Target, Mapping[str, Any]],
    *,
    sync: SyncOptions | None = None,
    callers: Mapping[str | None, str] | None = None,
) -> list[Job]:
    """A job for each target of a plan. `callers` says whose quota accounts use, where there is a quota.

    Raises `QueryError` for a query that can't be kept up to date.
    """
    targets: dict[Target, list[Part]] = {}
    for part in plan:
        targets.setdefault(part.target, []).append(part)
    walks = Counter(callers[part.account] for part in plan) if callers is not None else Counter[str]()
    jobs: list[Job] = []
    for target, parts in targets.items():
        endpoint = endpoint_named(parts[0].endpoint, endpoints)
        if sync is not None:
            check_query(endpoint, parts[0].ready(endpoint), target.name)
        jobs.append(
            Job(
                target=target,
                client=clients[target.account],
                endpoint=endpoint,
                asked=tuple(parts),
                request=requests[target],
                sync=sync,
                # Several walks together spend a quota, each of them thrifty or not: so each had better be.
                thrifty=True if callers is not None and walks[callers[target.account]] > 1 else None,
            )
        )
    return jobs
