"""Repeats count, they do not fill the disk: one entry when something starts, one with the number when its window ends."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Flood", "Repeats", "network_of"]

# What a stranger can cause as often as they like.
_BY_STRANGERS = (".refused", ".failed", ".reported", ".unhandled")


@dataclass(slots=True)
class Repeats:
    """How often something was seen again in a window, and what the first time looked like."""

    first: dict[str, Any]
    count: int = 0


class Flood:
    """Decides which events are written and which are counted.

    Parameters:
        window: seconds in which repeats of one event from one network are counted.
        most: different ones in a window; from there on they are counted together, by event alone.
        write: called with the first of some repeats and their number when the window ends.
    """

    def __init__(self, window: float, most: int, write: Callable[[dict[str, Any], int], None]) -> None:
        self.window = window
        self.most = most
        self._write = write
        self._lock = threading.Lock()
        self._seen: dict[tuple[str, ...], Repeats] = {}
        self._ends = 0.0
        self._timer: threading.Timer | None = None

    def lets_through(self, entry: dict[str, Any], reason: str) -> bool:
        """Tell whether an entry is to be written now; otherwise it has been counted."""
        event = entry["event"]
        if not event.endswith(_BY_STRANGERS):
            return True
        if time.monotonic() >= self._ends:
            self.flush()
        with self._lock:
            if not self._seen:
                self._ends = time.monotonic() + self.window
            key: tuple[str, ...] = (
                event,
                reason,
                network_of(entry.get("address")),
                str(entry.get("actor") or ""),
            )
            if key not in self._seen and len(self._seen) >= self.most:
                key = (event,)
            repeats = self._seen.get(key)
            if repeats is None:
                # The place for what no longer fits has no first time of its own: all of it is counted.
                self._seen[key] = Repeats(entry, 1 if len(key) == 1 else 0)
                if len(key) > 1:
                    return True
            else:
                repeats.count += 1
            if self._timer is None:
                self._timer = threading.Timer(max(self._ends - time.monotonic(), 0.01), self.flush)
                self._timer.daemon = True
                self._timer.start()
            return False

    def flush(self) -> None:
        """Write what has been counted, and start anew."""
        with self._lock:
            seen, self._seen = self._seen, {}
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        for key, repeats in seen.items():
            if repeats.count:
                first = repeats.first if len(key) > 1 else {"event": key[0]}
                self._write(first, repeats.count)


def network_of(address: str | None) -> str:
    """Return the network that one person has at their disposal: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if parsed.version == 6:
        return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
