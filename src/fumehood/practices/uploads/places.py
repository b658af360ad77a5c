"""Where the bytes of uploads are. A place knows keys and bytes; names, owners and types are the store's."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from flask import Flask

from fumehood.practices.uploads.interface import UploadStoreBroken
from fumehood.private_files import private_folder
from fumehood.settings import ConfigurationError

__all__ = ["Disk", "Place", "place_of"]


class Place(Protocol):
    """What a store needs of the place of its files. Keys are hexadecimal, with ``.preview`` for previews."""

    def put(self, key: str, content: BinaryIO, content_type: str) -> None:
        """Write all of a stream under a new key, or nothing. Raises UploadStoreBroken."""

    def open(self, key: str) -> BinaryIO:
        """Open the content. Raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove it, if it is there."""

    def keys(self, older_than: float) -> Iterator[str]:
        """All keys that were written before a time, in seconds since 1970."""

    def link(self, key: str, *, name: str, content_type: str, seconds: int) -> str | None:
        """A short-lived address to download it from, or None when the application has to send it."""


class Disk:
    """A folder that no web server serves: mode 0700, files 0600, spread over 256 folders by their random keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, content: BinaryIO, content_type: str) -> None:
        path = self.path(key)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
            raise UploadStoreBroken("the disk is full" if full else f"the disk: {error.strerror}") from error

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def delete(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.path(key).unlink()

    def keys(self, older_than: float) -> Iterator[str]:
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < older_than:
                    yield path.name

    def link(self, key: str, *, name: str, content_type: str, seconds: int) -> str | None:
        return None

    def path(self, key: str) -> Path:
        """The file of a key; keys are ours, never a person's."""
        return self.folder / key[:2] / key


def place_of(app: Flask, url: str) -> Place:
    """Return the place that ``FUMEHOOD_UPLOADS_URL`` names.

    Raises:
        ConfigurationError: when it cannot be used, or others could read what is in it.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        from fumehood.practices.uploads.s3 import S3

        return S3(parts)
    if not url:
        folder = Path(app.instance_path) / "uploads"
    elif parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path.startswith("/"):
        folder = Path(unquote(parts.path))
    else:
        raise ConfigurationError(
            "FUMEHOOD_UPLOADS_URL must be empty, file:///absolute/path or s3://bucket/prefix?endpoint=...&region=..."
        )
    _insist_on_unserved(app, folder)
    return Disk(private_folder(folder))


def _insist_on_unserved(app: Flask, folder: Path) -> None:
    inside = folder.resolve()
    blueprints = [(blueprint.name, blueprint.static_folder) for blueprint in app.blueprints.values()]
    for name, static in [("the application", app.static_folder), *blueprints]:
        if static and (inside == Path(static).resolve() or inside.is_relative_to(Path(static).resolve())):
            raise ConfigurationError(
                f"FUMEHOOD_UPLOADS_URL: {folder} lies in the static folder of {name}, where everybody can read it and a"
                " browser runs what is in it. Choose a folder outside, or leave the setting empty for instance/uploads."
            )
