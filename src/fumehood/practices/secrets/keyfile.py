"""The key file: what the hood generated, on disk. One JSON file, replaced whole, changed under a lock."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from fumehood.private_files import locked, private_folder, write_whole
from fumehood.settings import ConfigurationError

__all__ = ["Key", "KeyFile", "new_key"]

FORMAT = 1
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """One secret key.

    Parameters:
        text: the secret itself.
        id: names it in lists and logs; says nothing about the secret.
        created: seconds since the epoch, 0 when not known.
        signs_from: when it starts to sign; until then it only verifies, so that every worker knows it before it is used.
    """

    text: str
    id: str
    created: float = 0.0
    signs_from: float = 0.0

    def __repr__(self) -> str:
        return f"Key({self.id})"

    def __bytes__(self) -> bytes:
        return self.text.encode("utf-8", "surrogateescape")


def new_key(signs_from: float | None = None) -> Key:
    """Make a key of 256 random bits, to sign from now or from a time given in seconds since the epoch."""
    now = time.time()
    return Key(
        secrets.token_urlsafe(KEY_BYTES), secrets.token_hex(4), now, now if signs_from is None else signs_from
    )


class KeyFile:
    """Keys in ``instance/fumehood/keys.json``, newest first.

    Parameters:
        path: the file.
    """

    can_rotate = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = path.with_name(path.name + ".lock")

    def __str__(self) -> str:
        return str(self.path)

    def stamp(self) -> object:
        """Return what changes whenever the file does; one ``stat``."""
        try:
            seen = self.path.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_ino, seen.st_size

    def open(self) -> tuple[Key, ...]:
        """Return the keys, newest first; make the file with one new key when there is none.

        Raises:
            ConfigurationError: if it cannot be read, made or understood.
        """
        if not self.path.exists():
            private_folder(self.path.parent)
            with locked(self._lock):
                if not self.path.exists():
                    self._write((new_key(),))
        return self.read()

    def rotate(self, announce: float, lifetime: float, *, revoke: bool = False) -> tuple[Key, ...]:
        """Add a key, drop those whose last sessions have expired, and return what is kept.

        Parameters:
            announce: seconds until the new key signs.
            lifetime: seconds that a session lives at most.
            revoke: keep no older key.
        """
        private_folder(self.path.parent)
        with locked(self._lock):
            old = self.read() if self.path.exists() else ()
            signs_from = max([time.time() + (0 if revoke else announce), *(key.signs_from for key in old)])
            key = new_key(signs_from if not revoke else time.time())
            kept = (key,) if revoke else in_use((key, *old), lifetime, time.time())
            self._write(kept)
        return kept

    def _write(self, keys: tuple[Key, ...]) -> None:
        rows = [
            {"id": key.id, "created": _iso(key.created), "signs_from": _iso(key.signs_from), "key": key.text}
            for key in keys
        ]
        write_whole(self.path, json.dumps({"format": FORMAT, "keys": rows}, indent=1).encode() + b"\n")

    def read(self) -> tuple[Key, ...]:
        """Return the keys, newest first.

        Raises:
            ConfigurationError: if the file is not there, or cannot be read or understood.
        """
        try:
            content: Any = json.loads(self.path.read_bytes())
            if (
                isinstance(content, dict)
                and isinstance(content.get("format"), int)
                and content["format"] > FORMAT
            ):
                raise ConfigurationError(
                    f"The key file {self.path} was written by a newer version of Fumehood. Install that version."
                )
            keys = tuple(
                Key(str(row["key"]), str(row["id"]), _seconds(row["created"]), _seconds(row["signs_from"]))
                for row in content["keys"]
            )
        except OSError as error:
            raise ConfigurationError(
                f"The key file {self.path} cannot be read: {error.strerror}. The user that runs the application must own it."
            ) from error
        except (ValueError, KeyError, TypeError):
            keys = ()
        if not keys or not all(key.text for key in keys):
            raise ConfigurationError(
                f"The key file {self.path} is damaged. Restore it from a backup; if there is none, remove it: "
                "a new key is made at the next start and everybody signs in again."
            )
        return keys


def in_use(keys: tuple[Key, ...], lifetime: float, now: float) -> tuple[Key, ...]:
    """Return the keys, newest first, without those that stopped signing longer than ``lifetime`` seconds ago."""
    kept = keys[:1]
    for newer, key in pairwise(keys):
        if newer.signs_from and newer.signs_from + lifetime < now:
            break
        kept += (key,)
    return kept


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _seconds(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp()
