"""What functions of Python's standard library return, and those of Flask that take a template."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fumehood.engines.code.facts import retaint, with_taint
from fumehood.engines.code.heap import State
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.patterns import excluded, fixes_host
from fumehood.engines.code.taint import parted, without
from fumehood.engines.code.values import (
    UNKNOWN,
    Condition,
    Const,
    External,
    Partial,
    Tuple,
    Union,
    Unknown,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from fumehood.engines.code.interpreter import Interpreter


__all__ = ["LIBRARY", "Call", "Handler"]


@dataclass(slots=True)
class Call:
    """A call of one of Python's own functions, with all that is needed to say what it gives."""

    core: Interpreter
    func: External
    args: list[Value]
    keywords: dict[str, Value]
    state: State
    node: ast.AST


_STARTING: Final = (
    *("threading.Thread", "threading.Timer", "multiprocessing.Process", "asyncio.to_thread"),
    *("concurrent.futures.ThreadPoolExecutor.submit", "concurrent.futures.ProcessPoolExecutor.submit"),
    *("flask_executor.Executor.submit", "gevent.spawn", "eventlet.spawn", "rq.Queue.enqueue"),
)


def _partial(at: Call) -> Value:
    return Partial(at.args[0], tuple(at.args[1:]), tuple(at.keywords.items())) if at.args else UNKNOWN


def _decorator(at: Call) -> Value:
    return External(at.func.path + "()", instance=True)


def _path_join(at: Call) -> Value:
    parts: list[str | Value] = []
    for position, arg in enumerate(at.args):
        if position:
            parts.append("/")
        arg = at.core.path_text(arg)
        arg = arg.options[0] if isinstance(arg, Union) and len(arg.options) == 1 else arg
        parts += text_parts(arg)
    return concatenate(parts)


def _path_split(at: Call) -> Value:
    """A path and its extension, in which there is no folder."""
    given = at.args[0] if at.args else UNKNOWN
    if isinstance(given, Const) and isinstance(given.value, str):
        return Tuple(tuple(Const(part) for part in os.path.splitext(given.value)))  # noqa: PTH122 - it is what is modelled
    taint = parted(at.core.taint_all(at.args, at.state), ".splitext")
    ending = without(taint, ("no:/", "no:../", "no:..")) if taint else taint
    return Tuple((unknown(taint, "str"), unknown(ending, "str")))


def _path(at: Call) -> Value:
    if not at.args:
        return External("pathlib.Path", instance=True, detail=(("text", Const(".")),))
    return at.core.path_joined(at.args[0], at.args[1:], at.state)


def _path_method(at: Call) -> Value | None:
    text = at.core.path_text(at.func)
    name = at.func.path.rpartition(".")[2]
    if name in ("resolve", "absolute"):
        text = with_taint(text, lambda taints: without(taints, ("resolved",)))
        hole = unknown(text.taint, "str")
        return (
            External("pathlib.Path", text.taint, True, (("text", hole),))
            if text.taint
            else External("pathlib.Path", instance=True)
        )
    if name == "joinpath":
        return at.core.path_joined(at.func, at.args, at.state)
    if name in ("expanduser", "with_suffix"):
        return External("pathlib.Path", text.taint, True, (("text", text),))
    if name in ("is_relative_to", "relative_to"):
        facts = frozenset((t.source, t.part, "path") for t in text.taint if "resolved" in t.removed)
        if name == "relative_to":  # an exception unless it is
            at.state.facts |= facts
            below = retaint(unknown(text.taint, "str"), facts)
            return External("pathlib.Path", below.taint, True, (("text", below),))
        return Condition(facts, frozenset()) if facts else Unknown(type="bool")
    if name in ("as_posix", "__str__"):
        return text
    if name in ("exists", "is_file", "is_dir"):
        return Unknown(type="bool")
    if name in ("read_text", "read_bytes", "open"):
        return at.core.contents(text, at.node)
    return None


def _match(at: Call) -> Value | None:
    """A text that a pattern matched cannot have what the pattern leaves out."""
    values = list(at.args)
    pattern = next((value for name, value in at.func.detail if name == "0"), None)
    if not at.func.path.startswith("re.Pattern."):
        pattern = values.pop(0) if values else at.keywords.get("pattern")
    text = values[0] if values else at.keywords.get("string")
    if text is None or not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        return None
    whole = at.func.path.rpartition(".")[2]
    kinds = excluded(pattern.value, whole)
    if fixes_host(pattern.value, whole):
        kinds |= {"host"}
    facts = frozenset((t.source, t.part, kind) for t in at.core.taint_of(text, at.state) for kind in kinds)
    return Condition(facts, frozenset(), at.core.taint_of(text, at.state))


def _sub(at: Call) -> Value | None:
    """``re.sub("[^a-z]", "", text)`` leaves only what the class names."""
    values = list(at.args)
    pattern = next((value for name, value in at.func.detail if name == "0"), None)
    if not at.func.path.startswith("re.Pattern."):
        pattern = values.pop(0) if values else None
    if len(values) < 2 or not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        return None
    taint = at.core.taint_of(values[1], at.state)
    kinds = excluded(pattern.value, "sub") if isinstance(values[0], Const) else frozenset()
    return Unknown(without(taint, kinds) | at.core.taint_of(values[0], at.state), "str")


def _field(at: Call) -> Value:
    factory = at.keywords.get("default_factory")
    if factory is not None:
        return at.core.call(factory, [], {}, at.state, at.node)
    return at.keywords.get("default", UNKNOWN)


def _open(at: Call) -> Value:
    return at.core.contents(at.core.path_text(at.args[0]) if at.args else UNKNOWN, at.node)


def _render(at: Call) -> Value | None:
    if at.args:
        at.core.render(at.args[0], at.keywords, at.state, at.node, source=at.func.path.endswith("_string"))
    return None


def _environment(at: Call) -> Value:
    """An environment of the program's own. Jinja escapes only where it is told to."""
    told = at.keywords.get("autoescape", UNKNOWN if "**" in at.keywords else Const(False))
    return External(at.func.path, instance=True, detail=(("autoescape", told),))


def _own_template(at: Call) -> Value:
    return External("jinja2.Template", instance=True, detail=at.func.detail)


def _rendered(at: Call) -> Value | None:
    if dict(at.func.detail).get("autoescape") != Const(False):
        return None
    return unknown(at.core.taint_all((*at.args, *at.keywords.values()), at.state), "str")


def _import(at: Call) -> Value | None:
    if at.args and isinstance(at.args[0], Const) and isinstance(at.args[0].value, str):
        found: Value = at.core.import_module(at.args[0].value, 0)
        return found
    return None


def _started(at: Call) -> Value | None:
    """A function that is handed to a thread, a process or a pool is called there with what goes with it."""
    name = at.func.path.rpartition(".")[2]
    if name not in ("Thread", "Process", "Timer"):
        if at.args:
            at.core.call(at.args[0], at.args[1:], at.keywords, at.state, at.node)
        return None
    begin = 1 if name == "Timer" else 3
    target = at.core.argument("1|target|function", at.args, at.keywords)
    given = at.core.argument(f"{begin + (name == 'Timer')}|args", at.args, at.keywords)
    if target is not None:
        known, _ = at.core.elements(given, at.state, at.node) if given is not None else ((), None)
        named = at.core.entries_of(at.keywords.get("kwargs"), at.state)
        at.core.call(target, list(known or ()), named, at.state, at.node)
    return None


Handler = Callable[[Call], Value | None]
_PATH_METHODS: Final = (
    *(
        "resolve",
        "absolute",
        "joinpath",
        "expanduser",
        "with_suffix",
        "is_relative_to",
        "relative_to",
        "as_posix",
    ),
    *("exists", "is_file", "is_dir", "read_text", "read_bytes", "open"),
)
LIBRARY: Final[dict[str, Handler]] = {
    **dict.fromkeys(_STARTING, _started),
    **dict.fromkeys(("builtins.open", "aiofiles.open", "os.fdopen"), _open),
    **dict.fromkeys(("builtins.__import__", "importlib.import_module"), _import),
    **dict.fromkeys(("os.path.join", "posixpath.join"), _path_join),
    **dict.fromkeys(
        (f"pathlib.{name}" for name in ("Path", "PurePath", "PosixPath", "PurePosixPath")), _path
    ),
    **dict.fromkeys((f"pathlib.Path.{name}" for name in _PATH_METHODS), _path_method),
    **dict.fromkeys((f"re.{name}" for name in ("match", "fullmatch", "search")), _match),
    **dict.fromkeys((f"re.Pattern.{name}" for name in ("match", "fullmatch", "search")), _match),
    **dict.fromkeys(("re.sub", "re.Pattern.sub"), _sub),
    **dict.fromkeys(
        ("flask.render_template", "flask.stream_template", "flask.render_template_string"), _render
    ),
    "jinja2.Environment": _environment,
    "jinja2.Template": _environment,
    **dict.fromkeys(
        (f"jinja2.Environment.{name}" for name in ("get_template", "select_template", "from_string")),
        _own_template,
    ),
    "jinja2.Template.render": _rendered,
    "os.path.splitext": _path_split,
    "functools.partial": _partial,
    "functools.wraps": _decorator,
    "dataclasses.field": _field,
}
