"""Secret files that a ``.gitignore`` keeps out of a repository are where they belong, also before there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.engines.live.ignored import is_ignored
from fumehood.engines.live.project import read_project


@pytest.mark.parametrize(
    ("patterns", "path", "ignored"),
    [
        ("instance/", "instance/tls/localhost.pem", True),
        ("/instance/", "instance/key.pem", True),
        ("/instance/", "other/instance/key.pem", False),
        ("*.pem", "deep/down/key.pem", True),
        ("**/*.pem", "deep/down/key.pem", True),
        ("tls/*.pem", "tls/key.pem", True),
        (".env", ".env", True),
        ("# .env", ".env", False),
        ("*.pem\n!public.pem", "public.pem", False),
        ("key.pem/", "key.pem", False),
        ("inst", "instance/key.pem", False),
        ("", ".env", False),
    ],
)
def test_patterns_mean_what_they_mean_to_git(tmp_path: Path, patterns: str, path: str, ignored: bool) -> None:
    (tmp_path / ".gitignore").write_text(patterns)
    assert is_ignored(tmp_path, path) is ignored


def test_a_folder_below_may_ignore_itself(tmp_path: Path) -> None:
    folder = tmp_path / "instance" / "tls"
    folder.mkdir(parents=True)
    (folder / ".gitignore").write_text("*\n")
    assert is_ignored(tmp_path, "instance/tls/localhost.pem")
    assert not is_ignored(tmp_path, "instance/localhost.pem")


def test_only_secret_files_that_are_not_ignored_are_told(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("instance/\n")
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "key.pem").write_text("")
    (tmp_path / ".env").write_text("")
    assert read_project(tmp_path).secret_files == (".env",)
