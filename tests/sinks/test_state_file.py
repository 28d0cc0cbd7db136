"""The state beside files: a save writes what changed, and a crash at any byte leaves the state of some save."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teamup_async.sinks import SinkError
from teamup_async.sinks.state_file import StateFile

names = st.text("ab/", min_size=1, max_size=3)
states = st.lists(
    st.fixed_dictionaries(
        {"version": st.just(2), "parts": st.dictionaries(names, st.integers() | st.none(), max_size=3)}
    ),
    min_size=1,
    max_size=5,
)


def many(count: int, done: int) -> dict[str, Any]:
    parts = {f"studio{n}/attendances": {"rows": 100, "done": n < done} for n in range(count)}
    return {"version": 2, "targets": {}, "parts": parts}


@settings(max_examples=40)
@given(saved=states, data=st.data())
def test_a_crash_at_any_byte(tmp_path_factory: Any, saved: list[dict[str, Any]], data: Any) -> None:
    """Whatever a crash cuts off the last save, the state is that of the one before; the next save goes on there."""
    path = tmp_path_factory.mktemp("state") / "state.jsonl"
    file = StateFile(path)
    sizes = [0]
    for state in saved:
        file.save(state)
        assert StateFile(path).load() == state
        sizes.append(path.stat().st_size)
    if len(saved) > 1:
        content = path.read_bytes()
        path.write_bytes(content[: data.draw(st.integers(sizes[-2], sizes[-1] - 1))])
        again = StateFile(path)
        assert again.load() == saved[-2]
        again.save(saved[0])
        assert StateFile(path).load() == saved[0]


def test_a_save_costs_what_changed(tmp_path: Path) -> None:
    """With hundreds of accounts a save writes the account that went on, not all of them; the file stays bounded."""
    file = StateFile(tmp_path / "state.jsonl", room=1000)
    file.save(many(200, 0))
    begun = file.path.stat().st_size
    file.save(many(200, 1))
    assert file.path.stat().st_size - begun < begun / 50

    sizes = []
    for turn in range(100):
        file.save(many(200, 10 * (turn % 2)))
        sizes.append(file.path.stat().st_size)
    assert max(sizes) < 4 * begun + 1000 + begun / 5
    assert sizes != sorted(sizes)
    assert StateFile(file.path).load() == many(200, 10)


def test_nothing_left(tmp_path: Path) -> None:
    """Without a state there is no file; it can begin again."""
    file = StateFile(tmp_path / "state.jsonl")
    assert file.load() == {}
    file.save(many(2, 0))
    file.save({})
    assert not file.path.exists()
    file.save(many(3, 0))
    assert StateFile(file.path).load() == many(3, 0)


@pytest.mark.parametrize("content", ["", "{", "{}\n", "[1]\n", '{"set": {}, "gone": ["x"]}\n'])
def test_what_can_not_be_read(tmp_path: Path, content: str) -> None:
    """A file that is no state is refused, with what to do."""
    path = tmp_path / "state.jsonl"
    path.write_text(content)
    with pytest.raises(SinkError, match="start anew with restart"):
        StateFile(path).load()
