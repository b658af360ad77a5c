"""The child process of an attack: bounded, ended with its parent, and telling line by line what it found."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["end_with_parent", "main"]

_MEMORY = 6 << 30  # bytes of address space
_FILE = 1 << 30  # bytes of one file


def main() -> None:
    """Do what the parent orders: a JSON object a line, of which the first says how the application is made ready.

    :class:`fumehood.engines.attack.prepared.Prepared` describes them.
    """
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the application prints must not mix with the findings
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # nor is what it reads for the application
    sys.dont_write_bytecode = True

    def tell(kind: str, value: Any) -> None:
        out.write(json.dumps([kind, value]) + "\n")
        out.flush()

    end_with_parent(os.getppid())
    instructions = json.loads(orders.readline())
    instructions["temp"], instructions["not_own"] = _own_temp(Path(instructions["scratch"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        from fumehood.engines.attack.prepared import Prepared

        Prepared(instructions, tell).serve(orders)
    except Exception:  # noqa: BLE001 - a fault of the engine must be seen as one, not as the application's
        import traceback

        tell("failed", traceback.format_exc(limit=-4))
    out.close()
    os._exit(0)  # threads and exit hooks of the application have nothing more to do here


def end_with_parent(parent: int) -> None:
    """Ask the kernel to end this process with the one that made it, however that ends; where it cannot, the next thing told ends it."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, see prctl(2)
    if os.getppid() != parent:  # it ended before it could be asked
        os._exit(1)


def _own_temp(scratch: Path) -> tuple[str, list[str]]:
    from fumehood.engines.attack.own_temp import own_temp

    with suppress(OSError):
        return own_temp(scratch)
    return "", []


if __name__ == "__main__":
    main()
