"""What a walk has counted, for its integrity and for its client."""

from __future__ import annotations

from teamup_async._walking.record import Record


def test_repairs_count_for_both() -> None:
    """A position that is entered again and everything that is read again are told apart, and are both repairs."""
    record = Record()
    record.note_repair()
    record.note_reread()
    record.note_reread()

    assert (record.repairs, record.rereads) == (1, 2)
    assert record.meter.snapshot().repairs == 3
