"""The child process of an attack: imports the copy of the application, probes it, and tells what it found, line by line."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = ["main"]

_MEMORY = 6 << 30  # bytes of address space
_FILE = 1 << 30  # bytes of one file


def main(instructions: dict[str, Any]) -> None:
    """Do what the parent's instructions say.

    Parameters:
        instructions: ``root`` and ``scratch`` (folders of the copy), ``original`` (the project's folder), ``target`` (MODULE[:ATTR]), ``rules`` (module and class), ``phase``,
            ``skip`` (requests that ended an earlier child), ``seconds``, ``requests``, ``people`` (accounts that the user named).
    """
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the application prints must not mix with the findings
    sys.dont_write_bytecode = True

    def tell(kind: str, value: Any) -> None:
        out.write(json.dumps([kind, value]) + "\n")
        out.flush()

    _end_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for kind, value in _probe(instructions, tell):
        tell(kind, value)
    out.close()
    os._exit(0)  # threads and exit hooks of the application have nothing more to do here


def _end_with_parent() -> None:
    """Ask the kernel to end this process with the audit's, however that ends; where it cannot, the next thing told ends it."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, see prctl(2)


def _probe(instructions: dict[str, Any], tell: Any) -> Iterator[tuple[str, Any]]:
    # Everything that the engine itself needs is imported before the sandbox closes.
    from fumehood.engines.attack.ground import Ground
    from fumehood.engines.attack.known import Known
    from fumehood.engines.attack.people import Account, gather
    from fumehood.engines.attack.phases import run
    from fumehood.engines.attack.sandbox import Sandbox
    from fumehood.engines.attack.surface import surface
    from fumehood.engines.attack.visitor import Budget, Spent, Stage
    from fumehood.engines.live.facts import to_json
    from fumehood.engines.live.target import TargetError, load
    from fumehood.engines.sinks.hooks import add_hook
    from fumehood.findings import Unknown

    root = Path(instructions["root"])
    sandbox = Sandbox(Path(instructions["scratch"]))
    rules = [getattr(importlib.import_module(module), name)() for module, name in instructions["rules"]]
    _quieten()
    add_hook()  # first in the row of hooks: it sees what the sandbox then refuses
    sandbox.install()
    os.chdir(root)
    try:
        app = load(root, instructions["target"])
    except TargetError as error:
        yield "error", str(error)
        return
    budget = Budget(instructions["requests"], instructions["seconds"], instructions["each"])
    app.testing = False
    _make_tables(app)
    stage = Stage(
        app, sandbox, budget, lambda what: tell("asking", what), skip=frozenset(instructions["skip"])
    )
    try:
        known = Known.read(Path(instructions["scratch"]))
        entries = surface(app, root)
        accounts = [Account(**given) for given in instructions["people"]]
        for why in gather(stage, entries, known, accounts):
            yield "not_covered", ["people", instructions["target"], why]
        yield "people", [name for name in stage.people if name]
        known = Known.read(Path(instructions["scratch"]))  # with what signing up has made
        ground = Ground(stage, entries, known, Path(instructions["scratch"]))
        for item in run(instructions["phase"], ground, rules):
            if isinstance(item, tuple):
                yield item
            else:
                yield ("unknown" if isinstance(item, Unknown) else "finding"), to_json(item)
    except Spent:
        yield (
            "not_covered",
            [
                "route",
                instructions["phase"],
                f"the budget of {instructions['requests']} requests or {instructions['seconds']:g} s is used up",
            ],
        )
    yield "done", {"requests": stage.count, "refused": sorted(set(sandbox.refused))[:200]}


def _quieten() -> None:
    """A server that the application starts when it is imported would never return, and its log is not ours to write."""
    import logging
    import warnings

    import flask

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    flask.Flask.run = lambda *_, **__: None  # type: ignore[method-assign]


def _make_tables(app: Any) -> None:
    """Make the tables that the copy's database lacks: an application fresh from its repository has none yet."""
    database = app.extensions.get("sqlalchemy")
    if hasattr(database, "create_all"):
        with suppress(Exception), app.app_context():
            database.create_all()


if __name__ == "__main__":
    main(json.load(sys.stdin))
