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
    instructions["temp"], instructions["not_own"] = _own_temp(Path(instructions["scratch"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        for kind, value in _probe(instructions, tell):
            tell(kind, value)
    except Exception:  # noqa: BLE001 - a fault of the engine must be seen as one, not as the application's
        import traceback

        tell("failed", traceback.format_exc(limit=-4))
    out.close()
    os._exit(0)  # threads and exit hooks of the application have nothing more to do here


def _end_with_parent() -> None:
    """Ask the kernel to end this process with the audit's, however that ends; where it cannot, the next thing told ends it."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, see prctl(2)


def _own_temp(scratch: Path) -> tuple[str, list[str]]:
    from fumehood.engines.attack.own_temp import own_temp

    with suppress(OSError):
        return own_temp(scratch)
    return "", []


def _probe(instructions: dict[str, Any], tell: Any) -> Iterator[tuple[str, Any]]:
    # Everything that the engine itself needs is imported before the sandbox closes.
    from fumehood.engines.attack import statements
    from fumehood.engines.attack.ground import Ground
    from fumehood.engines.attack.known import Known
    from fumehood.engines.attack.outbox import Outbox
    from fumehood.engines.attack.people import Account, gather, identify
    from fumehood.engines.attack.phases import SURVEY, run
    from fumehood.engines.attack.prepare import make_tables, prepare
    from fumehood.engines.attack.sandbox import Sandbox
    from fumehood.engines.attack.servers import Servers
    from fumehood.engines.attack.surface import surface
    from fumehood.engines.attack.survey import Survey, apply, crawl, listen_to
    from fumehood.engines.attack.unannounced import look_closer
    from fumehood.engines.attack.visitor import Budget, Spent, Stage
    from fumehood.engines.live.facts import to_json
    from fumehood.engines.live.target import TargetError, load
    from fumehood.engines.sinks.hooks import add_hook
    from fumehood.findings import Unknown

    root = Path(instructions["root"])
    sandbox = Sandbox(
        Path(instructions["scratch"]),
        also=[instructions["temp"]] if instructions["temp"] else [],
        but=instructions["not_own"],
    )
    rules = [getattr(importlib.import_module(module), name)() for module, name in instructions["rules"]]
    _quieten()
    add_hook()  # first in the row of hooks: it sees what the sandbox then refuses
    sandbox.install()
    Servers(sandbox, instructions["database"], tell).install()
    statements.install()
    outbox = Outbox(sandbox.refused.append)
    outbox.install()
    os.chdir(root)
    try:
        app = load(root, instructions["target"])
    except TargetError as error:
        yield "error", str(error)
        return
    budget = Budget(instructions["requests"], instructions["seconds"], instructions["each"])
    app.testing = False
    if app.config["TRAP_BAD_REQUEST_ERRORS"] is None:  # debug mode would raise what is a 400 to visitors
        app.config["TRAP_BAD_REQUEST_ERRORS"] = False
    stage = Stage(
        app, sandbox, budget, lambda what: tell("asking", what), skip=frozenset(instructions["skip"])
    )
    stage.outbox = outbox
    scratch = Path(instructions["scratch"])
    try:
        look_closer()
        make_tables(app)
        entries = surface(app, root)
        for done in prepare(stage, entries, root, scratch):
            yield "prepared", done
        accounts = [Account(**given) for given in instructions["people"]]
        learnt = Survey.from_json(instructions["survey"])
        if instructions["phase"] == SURVEY:
            crawl(stage, entries, learnt, Known.read(scratch))
            listen_to(stage, entries, learnt, Known.read(scratch), scratch)
        whys = gather(stage, apply(learnt, entries), Known.read(scratch), root, accounts)
        if absent := [account.name for account in accounts if account.name not in stage.people]:
            yield "error", _cannot_sign_in(absent, apply(learnt, entries))
            return
        known = Known.read(scratch)  # with what signing up has made
        identify(stage, known)
        if instructions["phase"] == SURVEY:
            for person in stage.people:
                if person:
                    crawl(stage, entries, learnt, known, person)
            listen_to(stage, entries, learnt, known, scratch)
            yield "survey", learnt.as_json()
            for why in whys:
                yield "not_covered", ["people", instructions["target"], why]
            yield "people", [name for name in stage.people if name]
        ground = Ground(stage, apply(learnt, entries), known, scratch)
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


def _cannot_sign_in(names: list[str], entries: list[Any]) -> str:
    from fumehood.engines.attack.ways import logins

    tried = [str(way.entry) for way in logins(entries)]
    who = f"{', '.join(names)} of people.toml cannot sign in"
    if not tried:
        return f"{who}: no route was found that takes a name and a password"
    refuse = "refuses" if len(tried) == 1 else "refuse"
    return f"{who}: {', '.join(tried[:4])} {refuse} the password"


def _quieten() -> None:
    """A server that the application starts when it is imported would never return, and its log is not ours to write."""
    import logging
    import warnings

    import flask

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    flask.Flask.run = lambda *_, **__: None  # type: ignore[method-assign]


if __name__ == "__main__":
    main(json.load(sys.stdin))
