"""Which packages advisories are looked for: those that somebody published."""

from __future__ import annotations

import json
from pathlib import Path

from fumehood.engines.advisories.packages import installed


def _distribution(folder: Path, name: str, direct: object = None) -> None:
    place = folder / f"{name}-1.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    if direct is not None:
        (place / "direct_url.json").write_text(direct if isinstance(direct, str) else json.dumps(direct))


def test_what_was_installed_from_a_folder_is_nobodys_package(tmp_path: Path) -> None:
    _distribution(tmp_path, "published")
    _distribution(tmp_path, "mine", {"url": "file:///src/mine", "dir_info": {"editable": True}})
    _distribution(tmp_path, "fetched", {"url": "https://files.example/f.whl", "archive_info": {}})
    _distribution(tmp_path, "damaged", "{")
    assert [package.name for package in installed([str(tmp_path)])] == ["damaged", "fetched", "published"]
