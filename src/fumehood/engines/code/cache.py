"""What was learned of each file, kept between runs in the user's cache folder, found by the content of what it came from."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from fumehood.engines.code.unit import Unit
from fumehood.findings import Rule

__all__ = ["Cache", "folder"]

_FORMAT: Final = 3
Digests = Callable[[str], str]


class _Kept(msgspec.Struct, array_like=True):
    """A unit, with the digest of each file that it came from. The unit stays packed until it is asked for."""

    sources: dict[str, str]
    unit: msgspec.Raw


class _File(msgspec.Struct, array_like=True):
    digest: str
    units: dict[str, _Kept]


_file: Final = msgspec.msgpack.Decoder(_File)
_unit: Final = msgspec.msgpack.Decoder(Unit)
_packed: Final = msgspec.msgpack.Encoder(enc_hook=repr)


def folder() -> Path:
    """Return the cache's folder: ``$XDG_CACHE_HOME/fumehood``, by default ``~/.cache/fumehood``."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fumehood" / "code"


class Cache:
    """The units of one project.

    A unit is used again when its file, all files that it imports, directly or not, the set of the project's files, the rules, the models
    and the engine are what they were.
    """

    def __init__(
        self, root: Path, rules: Sequence[Rule], models: str, files: Sequence[str], options: str
    ) -> None:
        name = hashlib.blake2b(str(root.resolve()).encode(), digest_size=16).hexdigest()
        self._path = folder() / f"{name}.msgpack"
        self._digest = _digest(rules, models, files, options)
        self._units: dict[str, _Kept] = {}
        self._changed = False
        with contextlib.suppress(OSError, msgspec.DecodeError):
            whole = memoryview(self._path.read_bytes())
            if zlib.crc32(whole[4:]).to_bytes(4) == whole[:4]:
                kept = _file.decode(whole[4:])
                if kept.digest == self._digest:
                    self._units = kept.units

    def get(self, path: str, digests: Digests) -> Unit | None:
        """Return a unit that is still true, or None."""
        kept = self._units.get(path)
        if kept is None or any(digests(name) != digest for name, digest in kept.sources.items()):
            return None
        with contextlib.suppress(msgspec.DecodeError):
            return _unit.decode(kept.unit)
        return None

    def put(self, unit: Unit, digests: Digests) -> None:
        names = [unit.path, *(name for name in unit.imports if not name.endswith("/"))]
        packed = msgspec.Raw(_packed.encode(replace(unit, seconds=0.0)))
        self._units[unit.path] = _Kept({name: digests(name) for name in names}, packed)
        self._changed = True

    def save(self, paths: Iterable[str]) -> None:
        """Write what changed; a cache that cannot be written is no error."""
        if not self._changed:
            return
        wanted = set(paths)
        units = {path: kept for path, kept in self._units.items() if path in wanted}
        data = _packed.encode(_File(self._digest, units))
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(zlib.crc32(data).to_bytes(4))
                    file.write(data)
                Path(temporary).replace(self._path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise


def _digest(rules: Sequence[Rule], models: str, files: Sequence[str], options: str) -> str:
    whole = hashlib.blake2b(digest_size=16)
    whole.update(f"{_FORMAT} {sys.version_info[:2]} {models} {options}".encode())
    whole.update("\0".join(files).encode("utf-8", "surrogateescape"))
    sources = {sys.modules[type(rule).__module__].__file__ or "" for rule in rules}
    sources |= {entry.path for entry in os.scandir(Path(__file__).parent) if entry.name.endswith(".py")}
    for source in sorted(sources):
        state: Any = os.stat(source)  # noqa: PTH116 - hundreds of them: a Path each would cost more than the call
        whole.update(f"{source} {state.st_size} {state.st_mtime_ns}\n".encode())
    whole.update(" ".join(rule.id for rule in rules).encode())
    return whole.hexdigest()
