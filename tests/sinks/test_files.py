"""Sinks of files: what stands in their way."""

import errno
import os
from pathlib import Path

import pytest

from teamup_async.sandbox import Sandbox
from teamup_async.sinks import Csv, Jsonl, SinkError
from tests.sinks.interrupting import SINCE, interrupted


class Full(Csv):
    """A sink whose disk is full when the target is half written, until there is room."""

    room = False

    def assemble(self, file, schema, stages) -> None:
        """Write, and fail at the end."""
        super().assemble(file, schema, stages)
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_no_room_for_the_target(client, tmp_path: Path) -> None:
    """A target that can't be written leaves nothing half-made; the next run writes it without asking for a row."""
    sink = Full(tmp_path)
    async with client() as teamup:
        failed = await teamup.pull({"course_sessions": {}}, into=sink)
        left = {file.suffix for file in (tmp_path / ".teamup").iterdir()}
        sink.room = True
        result = await teamup.pull({"course_sessions": {}}, into=sink)

    assert "No space left" in str(failed.incomplete[0].reason)
    assert left == {".stage", ".jsonl"}
    assert result.ok
    assert result.parts[0].stats.requests == 0
    assert [file.name for file in tmp_path.iterdir()] == ["course_sessions.csv"]


@pytest.mark.parametrize("path", ["taken", "taken/here", "taken/here.jsonl"])
async def test_file_in_place_of_a_folder(client, tmp_path: Path, path: str) -> None:
    """What is a file can't be a folder; it is named, and stays as it is."""
    (tmp_path / "taken").write_text("mine\n")
    async with client() as teamup:
        with pytest.raises(SinkError, match=r"cannot write .*taken"):
            await teamup.pull({"attendances": {}}, into=Jsonl(tmp_path / path))

    assert (tmp_path / "taken").read_text() == "mine\n"
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


async def test_existing_file(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """A file that is there stays as it is until the new one is whole."""
    place = tmp_path / "attendances.jsonl"
    place.write_text("old\n")
    place.chmod(0o640)
    await interrupted(client, sandbox, Jsonl(tmp_path))

    assert place.read_text() == "old\n"
    async with client() as teamup:
        await teamup.pull({"attendances": {"event_start_gte": SINCE}}, into=Jsonl(tmp_path))
    assert len(place.read_text("utf-8").splitlines()) == 3000
    assert place.stat().st_mode & 0o777 == 0o640


async def test_unwritable(client, sandbox: Sandbox, tmp_path: Path) -> None:
    """A target that can't be written is refused before anything is asked for."""
    (tmp_path / "attendances.csv").mkdir()
    (tmp_path / "file").write_text("")
    before = sandbox.requests
    async with client() as teamup:
        with pytest.raises(SinkError, match="it is a directory"):
            await teamup.pull({"attendances": {}}, into=Csv(tmp_path))
        with pytest.raises(SinkError, match="cannot write"):
            await teamup.pull({"attendances": {}}, into=Csv(tmp_path / "file" / "folder"))
        with pytest.raises(SinkError, match="it is a directory"):
            await teamup.pull({"attendances": {}}, into=f"sqlite:{tmp_path}")

    assert sandbox.requests == before
