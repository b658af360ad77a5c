"""Every phase of an attack begins with the same files."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from fumehood.engines.attack.restore import Kept


def test_what_a_phase_changed_removed_and_made_is_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    (folder / "uploads").mkdir(parents=True)
    (folder / "uploads" / "a.txt").write_text("first")
    (folder / "notes.txt").write_text("a long text")
    (folder / "link").symlink_to("notes.txt")
    kept = Kept(folder, tmp_path / "kept")

    for _ in range(2):
        shutil.rmtree(folder / "uploads")
        (folder / "notes.txt").write_text("short")
        (folder / "link").unlink()
        (folder / "link").mkdir()
        (folder / "new" / "deep").mkdir(parents=True)
        (folder / "new" / "deep" / "file").touch()
        kept.restore()

        assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) == [
            "link", "notes.txt", "uploads", "uploads/a.txt",
        ]  # fmt: skip
        assert (folder / "uploads" / "a.txt").read_text() == "first"
        assert (folder / "link").read_text() == "a long text"


def test_a_connection_that_stays_open_sees_the_rows_that_were_there(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "shop.db")) as held:
        with held:
            held.execute("CREATE TABLE thing (name)")
            held.execute("INSERT INTO thing VALUES ('lamp')")
        kept = Kept(folder, tmp_path / "kept")
        with closing(sqlite3.connect(folder / "shop.db")) as other, other:
            other.execute("DELETE FROM thing")

        kept.restore()

        assert held.execute("SELECT name FROM thing").fetchall() == [("lamp",)]
