"""Files are written whole or not at all, and what is no file stays what it is."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from fumehood.private_files import replace_whole


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    replace_whole(pipe, b"a report", 0o644)
    reader.join(20)
    assert got == [b"a report"]
    assert pipe.is_fifo()


def test_a_device_reached_by_a_link_stays_a_device(tmp_path: Path) -> None:
    link = tmp_path / "nowhere"
    link.symlink_to("/dev/null")
    replace_whole(link, b"a report", 0o644)
    assert link.is_symlink()
    assert Path("/dev/null").is_char_device()


def test_the_file_behind_a_link_is_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    replace_whole(link, b"new", 0o600)
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_whole(file, b"new", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "old"
