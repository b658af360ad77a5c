"""Hears what an application reads from a request's body itself, and keeps it for the sinks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["Hearing"]


class Hearing:
    """Stands before a WSGI server's input stream.

    Parameters:
        stream: the server's stream.
        longest: so many bytes of it are kept.
    """

    def __init__(self, stream: Any, longest: int) -> None:
        self._stream, self._left = stream, longest
        self._parts: list[bytes] = []

    def heard(self) -> bytes:
        """Return what has been read so far."""
        if len(self._parts) > 1:
            self._parts[:] = [b"".join(self._parts)]
        return self._parts[0] if self._parts else b""

    def _keep(self, data: Any) -> Any:
        if data and self._left > 0:
            self._left -= len(data)
            self._parts.append(bytes(data))
        return data

    def read(self, *size: Any) -> Any:
        return self._keep(self._stream.read(*size))

    def readline(self, *size: Any) -> Any:
        return self._keep(self._stream.readline(*size))

    def readlines(self, *hint: Any) -> Any:
        lines = self._stream.readlines(*hint)
        for line in lines:
            self._keep(line)
        return lines

    def readinto(self, buffer: Any) -> Any:
        count = self._stream.readinto(buffer)
        self._keep(bytes(memoryview(buffer)[: count or 0]))
        return count

    def __iter__(self) -> Iterator[Any]:
        for line in self._stream:
            yield self._keep(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
