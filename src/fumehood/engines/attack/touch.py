"""Which dangerous calls a parameter reaches at all: a harmless word is sent, and looked for in every call's argument."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from fumehood.engines.sinks import Watch
from fumehood.engines.sinks.inputs import Inputs
from fumehood.engines.sinks.languages import Language
from fumehood.engines.sinks.observation import Observation
from fumehood.engines.sinks.watch import Scope, active

__all__ = ["CANARY", "MIXED", "Touching"]

CANARY = "fhq7canary"
# What most languages would take for more than a word, in one value.
MIXED = "fhq7mix'\"`{{7*7}}{%fh%}$(fh);--"

_EVENTS = {
    "open": "path", "os.listdir": "path", "os.scandir": "path", "os.remove": "path", "os.rename": "path", "os.rmdir": "path", "os.mkdir": "path",
    "os.link": "path", "os.symlink": "path", "shutil.rmtree": "path", "shutil.copyfile": "path", "shutil.move": "path", "glob.glob": "path",
    "pathlib.Path.glob": "path", "os.system": "shell", "subprocess.Popen": "shell", "os.exec": "shell", "os.posix_spawn": "shell",
    "os.spawn": "shell", "pty.spawn": "shell", "compile": "code", "urllib.Request": "url", "socket.getaddrinfo": "url", "pickle.find_class": "object", "smtplib.send": "mail",
}  # fmt: skip
_hooked: list[Touching] = []


class _TouchingScope(Scope):
    """One request of an attack."""

    __slots__ = ()
    watch: Touching

    def inputs(self) -> Inputs:
        """Return the current request's values, and those of earlier ones that are looked for."""
        inputs = super().inputs()
        if self.watch.planted and "stored" not in inputs.done:
            inputs.done.add("stored")
            inputs.values()  # what this request has itself comes first
            for value in self.watch.planted:
                inputs.add("stored", "", value)
        return inputs

    def text(self, sink: str, call: str, argument: str, language: Language) -> None:
        """Look at a call, and note whether the canary has come there."""
        if CANARY in argument.casefold():
            self.watch.touched.add(sink)
        super().text(sink, call, argument, language)


class Touching(Watch):
    """A watch that also notes which sinks were given the canary. What has passed once is looked at again: every probe counts."""

    scope = _TouchingScope

    def __init__(self, listener: Callable[..., None]) -> None:
        super().__init__(listener, remembers=False)
        self.touched: set[str] = set()
        self.stats: list[
            Observation
        ] = []  # files outside that were looked for: a flaw if the answer tells what was found
        self.planted: list[str] = []  # values of earlier requests, which may have been kept
        if not _hooked:
            sys.addaudithook(_hook)
        _hooked[:] = [self]


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    sink = _EVENTS.get(event)
    if sink is None or active.get() is None:
        return
    if any(CANARY in _text(argument) for argument in arguments[:3]):
        _hooked[0].touched.add(sink)


def _text(argument: Any) -> str:
    if isinstance(argument, list | tuple):
        return " ".join(_text(item) for item in argument[:50])
    if isinstance(argument, str | bytes | os.PathLike):
        return os.fsdecode(argument).casefold()[:100_000]
    return ""
