"""What a merge says of itself, the same in every sink that keeps tables up to date."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from teamup_async.reports.instructed_sessions import InstructedSession
from teamup_async.sinks import sink_named
from teamup_async.sinks.base import Merge, Merged, MergingSink, Target
from teamup_async.sinks.schema import columns_of_rows
from tests.sinks.reading import FORMATS, MERGING

TARGET = Target(name="sessions")
IDS = columns_of_rows(InstructedSession, ("id", "name"), frozenset(), ())
NAMES = columns_of_rows(InstructedSession, ("name",), frozenset(), ())


def merged(place: str, merge: Merge, *stages: Sequence[tuple[int, str]], schema: Any = IDS) -> Merged:
    """Put each stage into a new opening of the sink, and merge them all."""
    sink = sink_named(place)
    assert isinstance(sink, MergingSink)
    sink.open([TARGET])
    parts: dict[str, Any] = {}
    for number, rows in enumerate(stages):
        batch = sink.batch(schema)
        batch.add([InstructedSession(id=i, name=name) for i, name in rows])
        parts[str(number)] = {}
        if rows:
            sink.append(str(number), batch, {"parts": dict(parts)})
    done = sink.merge(TARGET, schema, list(parts), merge, {"parts": {}})
    sink.save({})
    sink.close()
    return done


@pytest.mark.parametrize("kind", MERGING)
def test_counts(tmp_path: Path, kind: str) -> None:
    """New, changed and removed rows are counted; rows that came again as they were are none of these."""
    place, first = FORMATS[kind].format(tmp_path), Merge(mark={}, replace=True)
    began = merged(place, first, [(1, "a"), (2, "b"), (3, "c")])
    again = merged(place, Merge(mark={}), [(2, "b"), (3, "changed"), (4, "d")])
    nothing = merged(place, Merge(mark={}), [])
    whole = merged(place, first, [(1, "a"), (3, "other"), (5, "e")])

    def told(done: Merged) -> dict[str, Any]:
        return {key: value for key, value in attrs.asdict(done).items() if key != "place"}

    assert told(began) == {"rows": 3, "new": 3, "changed": 0, "removed": 0}
    assert told(again) == {"rows": 4, "new": 1, "changed": 1, "removed": 0}
    assert told(nothing) == {"rows": 4, "new": 0, "changed": 0, "removed": 0}
    assert told(whole) == {"rows": 3, "new": 1, "changed": 1, "removed": 2}


@pytest.mark.parametrize("kind", MERGING)
def test_several_stages(tmp_path: Path, kind: str) -> None:
    """A row that is in several stages comes once, as the last stage has it."""
    place = FORMATS[kind].format(tmp_path)
    merged(place, Merge(mark={}, replace=True), [(1, "a"), (2, "b")])
    done = merged(place, Merge(mark={}), [(2, "old"), (3, "c")], [], [(2, "new"), (4, "d")])
    same = merged(place, Merge(mark={}), [(2, "new")])

    assert (done.rows, done.new, done.changed) == (4, 2, 1)
    assert (same.rows, same.new, same.changed) == (4, 0, 0)


@pytest.mark.parametrize("kind", MERGING)
def test_without_ids(tmp_path: Path, kind: str) -> None:
    """Rows without an id are new or removed: nothing tells which of them changed."""
    place, replace = FORMATS[kind].format(tmp_path), Merge(mark={}, replace=True)
    merged(place, replace, [(0, "a"), (0, "b")], schema=NAMES)
    done = merged(place, replace, [(0, "b"), (0, "c")], schema=NAMES)

    assert (done.rows, done.new, done.changed, done.removed) == (2, 1, 0, 1)
