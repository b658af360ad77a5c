"""Finds the folders that a recorded configuration keeps uploads in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fumehood.engines.live.facts import LiveApp

__all__ = ["inside", "upload_folders"]

_SETTING = re.compile(
    r"UPLOAD\w*_(FOLDER|DIR|DIRECTORY|PATH|DEST|ROOT)|UPLOADS?|MEDIA_(ROOT|FOLDER|DIR)|UPLOADED_\w+_DEST|(IMAGE|AVATAR|FILE|ATTACHMENT)S?_(FOLDER|DIR|PATH|ROOT)"
)


def upload_folders(app: LiveApp) -> Iterator[tuple[str, str]]:
    """Each setting that names a folder for uploads, with its absolute path."""
    for setting, value in app.config.items():
        if isinstance(value, str) and value and "://" not in value and _SETTING.fullmatch(setting):
            yield (
                setting,
                os.path.realpath(Path(app.project.root or Path(app.root_path).parent, value)),
            )


def inside(path: str, folder: str) -> bool:
    """Tell whether a path is a folder or lies in it."""
    return os.path.commonpath([os.path.realpath(path), os.path.realpath(folder)]) == os.path.realpath(folder)
