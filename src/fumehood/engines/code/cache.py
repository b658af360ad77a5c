"""What was learned of a project, kept between runs in the user's cache folder, found by the content of what it came from."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from fumehood.engines.code.unit import Packed
from fumehood.findings import Rule, kept

__all__ = ["Cache", "Verdict", "folder"]

_FORMAT: Final = 4


class Verdict(msgspec.Struct, array_like=True):
    """What a rule said of a program.

    Parameters:
        given: the digest of what it was handed besides the program.
        read: what of the program it looked at, each with its digest.
        said: what it answered, packed.
    """

    given: str
    read: dict[str, str]
    said: msgspec.Raw


class _File(msgspec.Struct, array_like=True):
    digest: str
    units: list[Packed]
    verdicts: dict[str, Verdict]


_file: Final = msgspec.msgpack.Decoder(_File)
_packed: Final = msgspec.msgpack.Encoder()


def folder() -> Path:
    return kept.folder() / "code"


class Cache:
    """The units of one project, and what the rules said of it as a whole.

    A unit is used again when its file, all that it depends on, the set of the project's files, the rules, the models
    and Fumehood itself are what they were; a verdict when what the rule looked at is.
    """

    def __init__(
        self, root: Path, rules: Sequence[Rule], models: str, files: Sequence[str], options: str
    ) -> None:
        name = hashlib.blake2b(str(root.resolve()).encode(), digest_size=16).hexdigest()
        self._path = folder() / f"{name}.msgpack"
        self._digest = _digest(rules, models, files, options)
        self._units: dict[str, Packed] = {}
        self.verdicts: dict[str, Verdict] = {}
        self._changed = False
        known = kept.read(self._path)
        if known is not None:
            with contextlib.suppress(msgspec.DecodeError):
                file = _file.decode(known)
                if file.digest == self._digest:
                    self._units = {unit.path: unit for unit in file.units}
                    self.verdicts = file.verdicts

    def get(self, path: str, digests: Callable[[str], str]) -> Packed | None:
        """Return a unit that is still true, or None."""
        known = self._units.get(path)
        if known is None or any(digests(name) != digest for name, digest in known.depends.items()):
            return None
        return known

    def save(self, units: Iterable[Packed], verdicts: dict[str, Verdict]) -> None:
        """Write what is known now, unless it is what was known before."""
        now = {unit.path: unit for unit in units}
        if verdicts == self.verdicts and all(self._units.get(path) is unit for path, unit in now.items()):
            return
        kept.write(self._path, _packed.encode(_File(self._digest, list(now.values()), verdicts)))


def _digest(rules: Sequence[Rule], models: str, files: Sequence[str], options: str) -> str:
    whole = hashlib.blake2b(digest_size=16)
    whole.update(f"{_FORMAT} {kept.installation()} {models} {options}".encode())
    whole.update("\0".join(files).encode("utf-8", "surrogateescape"))
    whole.update(" ".join(f"{type(rule).__module__}.{rule.id}" for rule in rules).encode())
    return whole.hexdigest()
