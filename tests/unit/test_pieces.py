"""The state of a run in pieces: taken apart and put together again, and what has changed."""

from hypothesis import given
from hypothesis import strategies as st

from teamup_async.sinks.pieces import changed, in_pieces, whole

values = st.none() | st.integers() | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
names = st.text("ab/ ", min_size=1, max_size=4)
states = st.dictionaries(
    st.sampled_from(["version", "targets", "parts"]),
    st.integers() | st.dictionaries(names, values, max_size=4),
)


@given(state=states)
def test_there_and_back(state):
    """A state in pieces is the same state, empty sections and names with slashes included."""
    assert whole(in_pieces(state)) == state


@given(before=states, now=states)
def test_what_changed(before, now):
    """What was saved, without what is gone and with what is new, is what there is now."""
    saved = in_pieces(before)
    new, gone = changed(saved, in_pieces(now))
    for key in gone:
        del saved[key]
    saved.update(new)
    assert whole(saved) == now
    assert changed(in_pieces(now), in_pieces(now)) == ({}, [])
