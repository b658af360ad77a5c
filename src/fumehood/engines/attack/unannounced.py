"""Calls that Python does not announce and that the guards leave alone: looked at in the attack's own process only.

``os.stat`` tells whether a file is there. XPath methods of lxml are methods of C types, whose dictionaries are changed in place:
nothing that one would do to a process that has to live on.
"""

from __future__ import annotations

import ctypes
import functools
import gc
import os
import sys
from typing import Any

import wrapt

from fumehood.engines.attack.touch import CANARY, Touching
from fumehood.engines.sinks.languages import Language, path
from fumehood.engines.sinks.markup import expression_changes
from fumehood.engines.sinks.observation import Observation, call_site
from fumehood.engines.sinks.watch import Scope, active

__all__ = ["look_closer"]

_XPATH = Language(expression_changes)
_RESOLVING = frozenset({"resolve", "realpath", "_joinrealpath", "_getfinalpathname", "check_eloop"})


def look_closer() -> None:
    """Begin, once per process."""
    os.stat = _watched_stat(os.stat)
    wrapt.register_post_import_hook(_watch_lxml, "lxml.etree")


def _watched_stat(original: Any) -> Any:
    @functools.wraps(original)
    def stat(place: Any, *args: Any, **kwargs: Any) -> Any:
        scope = active.get()
        if scope is not None and isinstance(scope.watch, Touching) and not isinstance(place, int):
            scope.guarded(lambda: _look(scope, os.fspath(place)))
        return original(place, *args, **kwargs)

    return stat


def _look(scope: Scope, place: Any) -> None:
    watch = scope.watch
    assert isinstance(watch, Touching)  # noqa: S101 - as asked before
    text = os.fsdecode(place)
    if CANARY in text.casefold():
        watch.touched.add("path")
        return
    frame, depth = sys._getframe(4), 0
    while frame is not None and depth < 4:
        if frame.f_code.co_name in _RESOLVING:
            return  # finding out where a path leads is what comes before refusing it
        frame, depth = frame.f_back, depth + 1  # type: ignore[assignment]
    for value in scope.inputs().values():
        if path.could_escape(value.text) and (why := path.escapes(text, value.text, watch.roots)):
            watch.stats.append(
                Observation(
                    "path",
                    "os.stat",
                    text[:2000],
                    value.source,
                    value.name,
                    value.text[:500],
                    why,
                    call_site(text),
                )
            )
            return


def _watch_lxml(loaded: Any) -> None:
    for kind in ("_Element", "_ElementTree"):
        owner = getattr(loaded, kind)
        methods = gc.get_referents(owner.__dict__)[0]
        for name in ("xpath", "find", "findall", "findtext", "iterfind"):
            if name in methods:
                methods[name] = _watched_method(methods[name], f"lxml.etree.{kind}.{name}")
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(owner))


def _watched_method(original: Any, call: str) -> Any:
    def method(self: Any, expression: Any, *args: Any, **kwargs: Any) -> Any:
        scope = active.get()
        if scope is not None and isinstance(expression, str):
            scope.guarded(lambda: scope.text("xpath", call, expression, _XPATH))
        return original(self, expression, *args, **kwargs)

    return method
