"""What comes out of one file: plain data, packed by kind, so that it crosses processes, is kept in the cache, and is unpacked when it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Final

import msgspec

from fumehood.engines.code.checks import Route
from fumehood.engines.code.literals import Literal
from fumehood.engines.code.outlines import Outline
from fumehood.engines.code.recorder import Bucket
from fumehood.findings import Finding, Location, NotCovered

__all__ = ["Packed", "Part", "Unit", "pack", "part"]

_GREATEST: Final = 2**63 - 1


@dataclass(slots=True)
class Unit:
    """What came out of one file.

    Parameters:
        path: the file.
        bucket: what was seen on its behalf.
        imports: what it depends on: the project's files, directly or not, and questions that it asked of the whole project (see ``Project.digest``).
        not_covered: what of it could not be looked at.
        seconds: how long it took.
    """

    path: str
    bucket: Bucket
    imports: tuple[str, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    seconds: float = 0.0


_KINDS: Final[dict[str, Any]] = {  # what there is in a unit, and of which type
    "findings": list[tuple[list[Any], Finding]],
    "routes": list[Route],
    "settings": dict[str, list[tuple[Any, Location]]],
    "calls": dict[str, set[tuple[str, int, int, str]]],
    "imports": set[str],
    "literals": list[Literal],
    "outlines": list[Outline],
    "mounts": list[tuple[str, str | None, str, str, str]],
    "classes": list[tuple[str, list[str]]],
    "not_covered": list[NotCovered],
}
_decoders: Final[dict[str, msgspec.msgpack.Decoder[Any]]] = {
    kind: msgspec.msgpack.Decoder(type_) for kind, type_ in _KINDS.items()
}
_encoder: Final = msgspec.msgpack.Encoder(enc_hook=repr, order="deterministic")  # equal sets are packed alike


class Part(msgspec.Struct, array_like=True, gc=False):
    """One kind of what was seen in a file, packed, with the digest of that."""

    digest: bytes
    data: msgspec.Raw


class Packed(msgspec.Struct, array_like=True, gc=False):
    """A unit, packed. What there is nothing of has no part.

    Parameters:
        depends: the file itself, and all that it depends on, each with its digest.
        mounted: whether it has routes of a blueprint, whose addresses are known when the whole program is.
    """

    path: str
    depends: dict[str, str]
    parts: dict[str, Part]
    mounted: bool = False
    seconds: float = 0.0

    def get(self, kind: str) -> Any:
        """Return what was seen of a kind; None when that is nothing."""
        part = self.parts.get(kind)
        return None if part is None else _decoders[kind].decode(part.data)


def pack(unit: Unit, digests: Callable[[str], str]) -> Packed:
    """Pack a unit.

    Parameters:
        digests: of a file, or of the answer to a question that was asked of the project.
    """
    bucket = unit.bucket
    seen: dict[str, Any] = {field.name: getattr(bucket, field.name) for field in fields(bucket)}
    seen["findings"] = [(list(key), finding) for key, finding in bucket.findings.items()]
    seen["not_covered"] = unit.not_covered
    names = [unit.path, *(name for name in unit.imports if not name.endswith("/"))]
    return Packed(
        unit.path,
        {name: digests(name) for name in names},
        {kind: part(value) for kind, value in seen.items() if value},
        any(route.owner for route in bucket.routes),
        unit.seconds,
    )


def part(value: Any) -> Part:
    """Pack plain data."""
    try:
        data = _encoder.encode(value)
    except (UnicodeEncodeError, OverflowError):
        data = _encoder.encode(_encodable(value))
    return Part(hashlib.blake2b(data, digest_size=16).digest(), msgspec.Raw(data))


def _encodable(value: Any) -> Any:
    """Return plain data with what cannot be packed replaced: halves of surrogate pairs in texts, numbers beyond 64 bits."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if type(value) is int:
        return max(-_GREATEST, min(value, _GREATEST))
    if isinstance(value, Mapping):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(map(_encodable, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _encodable(getattr(value, field.name)) for field in fields(value)}
        )
    return value
