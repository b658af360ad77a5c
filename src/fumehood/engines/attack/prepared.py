"""The application under attack, imported and made ready once; each phase runs in a process that is divided from this one.

Where that cannot be done (threads, a database on a server, memory shared with others), a phase runs in this very process, which is
of no use afterwards; the parent then prepares another one for the next.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from flask import Flask

from fumehood.engines.attack import hashes, statements
from fumehood.engines.attack.child import end_with_parent
from fumehood.engines.attack.described import documents_of
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.outbox import Outbox
from fumehood.engines.attack.people import Account, gather, identify
from fumehood.engines.attack.phases import SURVEY, run
from fumehood.engines.attack.prepare import make_tables, prepare
from fumehood.engines.attack.sandbox import Sandbox
from fumehood.engines.attack.servers import Servers
from fumehood.engines.attack.surface import Entry, surface
from fumehood.engines.attack.survey import Survey, apply, ask_graphs, crawl, listen_to, take
from fumehood.engines.attack.unannounced import look_closer
from fumehood.engines.attack.visitor import Budget, Spent, Stage
from fumehood.engines.attack.ways import logins
from fumehood.engines.live.facts import to_json
from fumehood.engines.live.target import TargetError, load
from fumehood.engines.sinks import sqlite
from fumehood.engines.sinks.drivers import wrap_drivers
from fumehood.engines.sinks.hooks import add_hook
from fumehood.findings import Unknown

__all__ = ["Prepared"]

Told = tuple[str, Any]
_LONGEST = 2_000  # bytes of a request's line that are noted
_SEED = 7  # what an application chooses by random is chosen alike in every run


class _Ended(Exception):
    """What was told is the last that this process has to say."""


class Prepared:
    """An application in the sandbox, and what the parent orders to be done with it.

    Parameters:
        instructions: ``root`` and ``scratch`` (folders of the copy), ``target`` (MODULE[:ATTR]), ``rules`` (module and class), ``skip`` (requests that
            ended an earlier process), ``seconds``, ``requests``, ``each``, ``people`` (accounts that the user named), ``asking`` (a file for the request that is made), ``database`` (a name for the attack's own).
        tell: tells the parent.
    """

    def __init__(self, instructions: dict[str, Any], tell: Callable[[str, Any], None]) -> None:
        self.given, self.tell = instructions, tell
        self.root, self.scratch = Path(instructions["root"]), Path(instructions["scratch"])
        self.accounts = [Account(**given) for given in instructions["people"]]
        self.rules = [
            getattr(importlib.import_module(module), name)() for module, name in instructions["rules"]
        ]
        self.sandbox = Sandbox(
            self.scratch,
            also=[instructions["temp"]] if instructions["temp"] else [],
            but=instructions["not_own"],
        )
        self.servers = Servers(self.sandbox, instructions["database"], tell)
        self.outbox = Outbox(self.sandbox.refused.append)
        self._asking = os.open(instructions["asking"], os.O_WRONLY)
        self.stage: Stage
        self.entries: list[Entry]
        self.ground: Ground
        self._phases = 0

    def serve(self, orders: TextIO) -> None:
        """Make the application ready, then follow orders: ``{"learnt": survey}`` signs people in with what a survey has found,
        ``{"phase": name, "skip": requests}`` runs a phase."""
        try:
            self._tell(self._ready)
            for line in orders:
                order = json.loads(line)
                if "learnt" in order:
                    self._tell(lambda: self._sign_in(Survey.from_json(order["learnt"])))  # noqa: B023 - used at once
                elif self.may_divide():
                    self._divide(order)
                else:
                    self._phase(order)
                    return
        except _Ended:
            return

    def _tell(self, work: Callable[[], Iterator[Told]]) -> None:
        """Do a part of the preparation, and tell that it is done."""
        try:
            for kind, value in work():
                self.tell(kind, value)
                if kind == "error":
                    raise _Ended
        except Spent:
            self.tell("not_covered", self._spent("the preparation"))
        self._let_go_of_files()
        self.tell(
            "ready",
            {
                "requests": self.stage.count,
                "refused": self._refused(),
                "divides": self.may_divide(),
                "routes": len(self.entries),
            },
        )
        self.stage.count = 0

    # --- preparation ------------------------------------------------------------------------------------------------------

    def _ready(self) -> Iterator[Told]:
        _quieten()
        random.seed(_SEED)
        add_hook()  # first in the row of hooks: it sees what the sandbox then refuses
        # What connects while the application is made stays connected, in a pool.
        wrap_drivers()
        sqlite.keep_nothing()
        self.sandbox.install()
        self.servers.install()
        statements.install()
        hashes.install()
        self.outbox.install()
        os.chdir(self.root)
        try:
            app = load(self.root, self.given["target"])
        except TargetError as error:
            yield "error", str(error)
            return
        app.testing = False
        if app.config["TRAP_BAD_REQUEST_ERRORS"] is None:  # debug mode would raise what is a 400 to visitors
            app.config["TRAP_BAD_REQUEST_ERRORS"] = False
        self.stage = self._staged(app)
        look_closer()
        make_tables(app)
        self.entries = surface(app, self.root)
        for done in prepare(self.stage, self.entries, self.root, self.scratch):
            yield "prepared", done

    def _staged(self, app: Flask) -> Stage:
        stage = Stage(
            app,
            self.sandbox,
            self._budget(),
            self._note,
            frozenset(self.given["skip"]),
        )
        stage.outbox = self.outbox
        return stage

    def _note(self, request: str) -> None:
        """Note a request before it is made, in a file of the parent's: should this process end, the last one is to blame."""
        text = request.encode("utf-8", "replace")[:_LONGEST]
        os.pwrite(self._asking, len(text).to_bytes(4, "big") + text, 0)

    def _budget(self) -> Budget:
        return Budget(self.given["requests"], self.given["seconds"], self.given["each"])

    def _sign_in(self, learnt: Survey) -> Iterator[Told]:
        """Sign people in, and see what there is."""
        stage = self.stage
        stage.budget = self._budget()
        self.entries = apply(learnt, self.entries)
        yield from (
            told for told in self._gather(self.entries) if told[0] == "error"
        )  # the survey tells the rest
        known = Known.read(self.scratch)  # with what signing up has made
        identify(stage, known)
        self.ground = Ground(stage, self.entries, known, self.scratch)

    def _gather(self, entries: list[Entry]) -> Iterator[Told]:
        whys = gather(self.stage, entries, Known.read(self.scratch), self.root, self.accounts)
        if absent := [account.name for account in self.accounts if account.name not in self.stage.people]:
            yield "error", _cannot_sign_in(absent, entries)
        for why in whys:
            yield "not_covered", ["people", self.given["target"], why]

    # --- phases -----------------------------------------------------------------------------------------------------------

    def may_divide(self) -> bool:
        """Tell whether a process divided from this one is like it, and cannot do anything to the next: no threads, no memory that
        is shared, no connection to a server."""
        return hasattr(os, "fork") and _threads() == 1 and not self.servers.made and not self._shares_memory()

    def _shares_memory(self) -> bool:
        """Files of the copy, such as SQLite's, are put back between phases; what is in no file would stay."""
        with suppress(OSError):
            for line in Path("/proc/self/maps").read_text().splitlines():
                _, rights, _, _, inode, *path = line.split(maxsplit=5)
                if rights == "rw-s" and inode != "0" and not "".join(path).startswith(str(self.scratch)):
                    return True
        return False

    def _let_go_of_files(self) -> None:
        """Close SQLAlchemy's connections to SQLite files: each phase opens its own, on files that were put back."""
        engine = getattr(sys.modules.get("sqlalchemy.engine"), "Engine", None)
        for item in gc.get_objects() if engine else ():
            if type(item) is engine and item.dialect.name == "sqlite" and _is_file(item.url.database):
                with suppress(Exception):
                    item.dispose()

    def _divide(self, order: dict[str, Any]) -> None:
        self._phases += 1
        gc.freeze()  # not to be written to in the new process: it stays shared with this one
        parent = os.getpid()
        number = self.sandbox.fork()
        if number == 0:
            end_with_parent(parent)
            self.servers.name = f"{self.servers.name}_{self._phases}"  # of its own, should it make one
            self._phase(order)
            os._exit(0)
        os.waitpid(number, 0)
        gc.unfreeze()
        self.tell("ended", None)

    def _phase(self, order: dict[str, Any]) -> None:
        stage, name = self.stage, order["phase"]
        stage.budget = self._budget()
        stage.skip = frozenset(order["skip"])
        random.seed(_SEED)
        try:
            try:
                stage.wake()
                for kind, value in self._survey() if name == SURVEY else self._run(name):
                    self.tell(kind, value)
            except Spent:
                self.tell("not_covered", self._spent(name))
            self.tell("done", {"requests": stage.count, "refused": self._refused()})
        except Exception:  # noqa: BLE001 - as in main()
            import traceback

            self.tell("failed", traceback.format_exc(limit=-4))

    def _survey(self) -> Iterator[Told]:
        """Look around as nobody, then as the people who could be signed in with what was seen."""
        stage, learnt = self.stage, Survey()
        for document in documents_of(self.root):
            take(document, self.entries, learnt)
        crawl(stage, self.entries, learnt, Known.read(self.scratch))
        listen_to(stage, self.entries, learnt, Known.read(self.scratch), self.scratch)
        yield from self._gather(apply(learnt, self.entries))
        known = Known.read(self.scratch)
        identify(stage, known)
        for person in stage.people:
            if person:
                crawl(stage, self.entries, learnt, known, person)
        listen_to(stage, self.entries, learnt, known, self.scratch)
        ask_graphs(stage, self.entries, learnt)
        yield "survey", learnt.as_json()
        yield "people", [name for name in stage.people if name]

    def _run(self, name: str) -> Iterator[Told]:
        for item in run(name, self.ground, self.rules):
            if isinstance(item, tuple):
                yield item
            else:
                yield ("unknown" if isinstance(item, Unknown) else "finding"), to_json(item)

    def _refused(self) -> list[str]:
        return sorted(set(self.sandbox.refused))[:200]

    def _spent(self, where: str) -> list[str]:
        requests, seconds = self.given["requests"], self.given["seconds"]
        return ["route", where, f"the budget of {requests} requests or {seconds:g} s is used up"]


def _threads() -> int:
    """How many threads this process has, those of native code included where the system tells."""
    with suppress(OSError):
        return max(threading.active_count(), len(os.listdir("/proc/self/task")))  # noqa: PTH208 - their number
    return threading.active_count()


def _is_file(database: str | None) -> bool:
    return bool(database) and ":memory:" not in str(database) and "mode=memory" not in str(database)


def _cannot_sign_in(names: list[str], entries: list[Entry]) -> str:
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
