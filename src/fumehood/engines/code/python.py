"""Python's own functions on abstract values: builtins, functools, os.path, pathlib, re, itertools ..."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fumehood.engines.code.facts import retaint, with_taint
from fumehood.engines.code.heap import DictObject, Instance, ListObject, State
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.patterns import excluded, fixes_host
from fumehood.engines.code.taint import parted, without
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    External,
    Fact,
    Mod,
    Partial,
    Ref,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    common,
    join,
    options,
    union,
    unknown,
)

if TYPE_CHECKING:
    from fumehood.engines.code.core import Frame
    from fumehood.engines.code.interpreter import Interpreter

__all__ = ["FUNCTIONS", "Call"]


@dataclass(slots=True)
class Call:
    """A call of one of Python's own functions, with all that is needed to say what it gives."""

    core: Interpreter
    func: External
    args: list[Value]
    keywords: dict[str, Value]
    state: State
    node: ast.AST


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "str": (str,), "bytes": (bytes,), "int": (int,), "float": (float,), "bool": (bool,), "list": (list,), "dict": (dict,),
    "tuple": (tuple,), "set": (set,),
}  # fmt: skip


def _str(at: Call) -> Value:
    return at.core.as_text(at.args[0], at.state) if at.args else Const("")


def _repr(at: Call) -> Value:
    return unknown(at.core.taint_all(at.args, at.state), "str")


def _number(at: Call) -> Value:
    if not at.args:
        return Const(0)
    if isinstance(at.args[0], Const) and len(at.args) == 1:
        try:
            return Const(int(at.args[0].value) if at.func.path.endswith("int") else float(at.args[0].value))
        except (TypeError, ValueError, OverflowError):
            return Unknown(type="int")
    _converted(at)
    return at.core.as_number(at.core.taint_of(at.args[0], at.state))


def _converted(at: Call) -> None:
    """What was turned into a number without an exception is the text of a number; of what was cut out of it that says nothing."""
    if len(at.args) == 1:
        at.state.facts |= {
            (taint.source, taint.part, "*")
            for taint in at.core.taint_of(at.args[0], at.state)
            if not any(kind.startswith(("no:", "in:")) for kind in taint.removed)
        }


def _bool(at: Call) -> Value:
    if not at.args:
        return Const(False)
    if isinstance(at.args[0], Condition):
        return at.args[0]
    truth = at.core.truth(at.args[0], at.state)
    return Const(truth) if truth is not None else Unknown(type="bool")


def _len(at: Call) -> Value:
    if at.args:
        value = at.args[0]
        if isinstance(value, Const) and isinstance(value.value, str | bytes):
            return Const(len(value.value))
        if isinstance(value, Tuple):
            return Const(len(value.items))
        if isinstance(value, Ref) and value.address not in at.core.shared:
            content = at.core.held(value, at.state)
        else:
            content = None
        if isinstance(content, ListObject) and content.rest is None and content.kind == "list":
            return Const(len(content.items))
    return Unknown(type="int")


def _chr(at: Call) -> Value:
    if (
        at.args
        and isinstance(at.args[0], Const)
        and isinstance(at.args[0].value, int)
        and 0 <= at.args[0].value < 0x110000
    ):
        return Const(chr(at.args[0].value))
    taint = at.core.taint_all(at.args, at.state)
    return Unknown(frozenset(type(t)(t.source, t.part, t.removed - {"*"}, t.trail) for t in taint), "str")


def _sequence(at: Call) -> Value:
    kind = "set" if "set" in at.func.path else "list"
    if not at.args:
        return at.core.allocate(at.node, ListObject((), None, kind), at.state)
    known, element = at.core.elements(
        at.args[-1] if at.func.path.endswith("filter") else at.args[0], at.state, at.node
    )
    if at.func.path.endswith("tuple") and known is not None:
        return Tuple(known)
    if at.func.path.endswith("reversed") and known is not None:
        known = known[::-1]
    if known is not None and not at.func.path.endswith(("sorted", "filter")):
        return at.core.allocate(at.node, ListObject(known, None, kind), at.state)
    each = union(known) if known else element
    if known is not None and not known:
        return at.core.allocate(at.node, ListObject((), None, kind), at.state)
    return at.core.allocate(at.node, ListObject((), each or UNKNOWN, kind), at.state)


def _dict(at: Call) -> Value:
    content = DictObject(
        {name: value for name, value in at.keywords.items() if name != "**"}, at.keywords.get("**")
    )
    for arg in at.args:
        other = at.core.held(arg, at.state) if isinstance(arg, Ref) else None
        if isinstance(other, DictObject):
            content = DictObject({**other.items, **content.items}, other.rest, other.keys)
        else:
            taint = at.core.taint_of(arg, at.state)
            content = DictObject(content.items, unknown(taint), unknown(taint))
    return at.core.allocate(at.node, content, at.state)


def _default_dict(at: Call) -> Value:
    """``defaultdict(list)``: what is under a key that nobody set is made by a function, and kept."""
    made = at.core.call(at.args[0], [], {}, at.state, at.node) if at.args else None
    return at.core.allocate(at.node, DictObject({}, made), at.state, salt=1)


def _range(at: Call) -> Value:
    if at.args and all(isinstance(arg, Const) and isinstance(arg.value, int) for arg in at.args):
        try:
            numbers = range(*(arg.value for arg in at.args if isinstance(arg, Const)))
            if len(numbers) <= 24:
                return Tuple(tuple(Const(number) for number in numbers))
        except (TypeError, ValueError, OverflowError):
            return UNKNOWN
    return at.core.allocate(at.node, ListObject((), Unknown(type="int")), at.state)


def _enumerate(at: Call) -> Value:
    known, element = at.core.elements(at.args[0], at.state, at.node) if at.args else ((), None)
    if known is not None:
        return Tuple(tuple(Tuple((Const(position), item)) for position, item in enumerate(known)))
    return at.core.allocate(
        at.node, ListObject((), Tuple((Unknown(type="int"), element or UNKNOWN))), at.state
    )


def _zip(at: Call) -> Value:
    each = [at.core.elements(arg, at.state, at.node) for arg in at.args]
    if each and all(known is not None for known, _ in each):
        return Tuple(tuple(Tuple(tuple(row)) for row in zip(*(known for known, _ in each), strict=False)))
    row = tuple(union(known) if known else element or UNKNOWN for known, element in each)
    return at.core.allocate(at.node, ListObject((), Tuple(row)), at.state)


def _map(at: Call) -> Value:
    if len(at.args) < 2:
        return UNKNOWN
    known, element = at.core.elements(at.args[1], at.state, at.node)
    if known is not None and len(known) <= 16:
        return Tuple(tuple(at.core.call(at.args[0], [item], {}, at.state, at.node) for item in known))
    item = at.core.call(at.args[0], [union(known) if known else element or UNKNOWN], {}, at.state, at.node)
    return at.core.allocate(at.node, ListObject((), item), at.state)


def _next(at: Call) -> Value:
    if not at.args:
        return UNKNOWN
    known, element = at.core.elements(at.args[0], at.state, at.node)
    found = union(known) if known else element or UNKNOWN
    return join(found, at.args[1]) if len(at.args) > 1 else found


def _same(at: Call) -> Value:
    return at.args[0] if at.args else UNKNOWN


def _second(at: Call) -> Value:
    return at.args[1] if len(at.args) > 1 else at.keywords.get("val", UNKNOWN)


def _either(at: Call) -> Value:
    if len(at.args) > 1:
        return union(at.args)
    known, element = at.core.elements(at.args[0], at.state, at.node) if at.args else (None, None)
    return union(known) if known else element or UNKNOWN


def _truth(at: Call) -> Value:
    known, element = at.core.elements(at.args[0], at.state, at.node) if at.args else (None, None)
    if at.func.path.endswith("any"):
        return _any(at, known if known is not None else options(element or UNKNOWN), known is not None)
    if known is not None:
        answers = [at.core.truth(item, at.state) for item in known]
        conditions = [item for item in known if isinstance(item, Condition)]
        if conditions and False not in answers:
            return Condition(frozenset().union(*(item.when_true for item in conditions)), frozenset())
    elif isinstance(element, Condition):  # the same of each
        return Condition(element.when_true, frozenset())
    return Unknown(type="bool")


def _any(at: Call, items: Sequence[Value], complete: bool) -> Value:
    """One of them is true: what holds then is what holds for each that may be."""
    answers = [at.core.truth(item, at.state) for item in items]
    if complete and True in answers:
        return Const(True)
    if complete and None not in answers:
        return Const(False)
    possible = [item for item, answer in zip(items, answers, strict=True) if answer is not False]
    facts = [item.when_true if isinstance(item, Condition) else frozenset[Fact]() for item in possible]
    shared = common(*facts) if facts else frozenset[Fact]()
    none = [item.when_false for item in items if isinstance(item, Condition)]
    each = frozenset[Fact]().union(*none) if len(none) == len(items) else frozenset[Fact]()
    return Condition(shared, each) if shared or each else Unknown(type="bool")


def _isinstance(at: Call) -> Value:
    if len(at.args) != 2:
        return Unknown(type="bool")
    wanted = at.args[1].items if isinstance(at.args[1], Tuple) else options(at.args[1])
    answers = {_is(at.core, one, kind, at.state) for one in options(at.args[0]) for kind in wanted}
    per_option = [
        True if True in mine else None if None in mine else False
        for mine in ({_is(at.core, one, kind, at.state) for kind in wanted} for one in options(at.args[0]))
    ]
    if all(answer is True for answer in per_option):
        return Const(True)
    if all(answer is False for answer in per_option):
        return Const(False)
    del answers
    return Unknown(type="bool")


def _is(core: Interpreter, value: Value, kind: Value, state: State) -> bool | None:
    if isinstance(kind, Cls):
        content = core.held(value, state) if isinstance(value, Ref) else None
        if isinstance(content, Instance) and content.cls is not None:
            return _descends(content.cls, kind)
        return False if isinstance(value, Const | Text) else None
    if not isinstance(kind, External):
        return None
    name = kind.path.removeprefix("builtins.")
    types = _TYPES.get(name)
    if isinstance(value, Const):
        return (
            isinstance(value.value, types)
            if types
            else False
            if kind.path.startswith("builtins.") or "." in kind.path
            else None
        )
    if isinstance(value, Text):
        return name == ("bytes" if value.binary else "str")
    if isinstance(value, Unknown) and value.type:
        return value.type == name if types or "." in kind.path else None
    content = core.held(value, state) if isinstance(value, Ref) else None
    if isinstance(content, ListObject):
        return name == content.kind if types else None
    if isinstance(content, DictObject):
        return name == "dict" if types else None
    if (
        isinstance(value, Unknown)
        and any(t.source.kind == "request" for t in value.taint)
        and "io." in kind.path
    ):
        return False
    return None


def _descends(cls: Cls, wanted: Cls, depth: int = 0) -> bool:
    return cls == wanted or (
        depth < 8 and any(isinstance(base, Cls) and _descends(base, wanted, depth + 1) for base in cls.bases)
    )


def _getattr(at: Call) -> Value:
    if len(at.args) < 2:
        return UNKNOWN
    default = at.args[2] if len(at.args) > 2 else None
    results = []
    for name in options(at.args[1]):
        if isinstance(name, Const) and isinstance(name.value, str):
            results.append(at.core.attribute(at.args[0], name.value, at.state, at.node))
        elif isinstance(at.args[0], Mod):
            results.append(at.core.any_callable(at.args[0]))
        elif methods := _methods_named(at, name):
            results.extend(methods)
        else:
            results.append(unknown(at.core.taint_of(at.args[0], at.state)))
    found = union(results)
    return found if default is None else join(found, default)


def _methods_named(at: Call, name: Value) -> list[Value]:
    """Return the methods whose names begin as a text does: ``getattr(self, "do_" + action)``."""
    content = at.core.held(at.args[0], at.state) if isinstance(at.args[0], Ref) else None
    begin = name.parts[0] if isinstance(name, Text) else ""
    if not isinstance(content, Instance) or content.cls is None or not isinstance(begin, str) or not begin:
        return []
    names = [
        item.name
        for item in content.cls.node.body
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name.startswith(begin)
    ]
    return [at.core.attribute(at.args[0], found, at.state, at.node) for found in names[:8]]


def _setattr(at: Call) -> Value:
    if len(at.args) == 3 and isinstance(at.args[0], Ref):
        content = at.core.held(at.args[0], at.state)
        if (
            isinstance(content, Instance)
            and isinstance(at.args[1], Const)
            and isinstance(at.args[1].value, str)
        ):
            at.core.replace(
                at.args[0],
                Instance(content.cls, {**content.attributes, at.args[1].value: at.args[2]}),
                at.state,
            )
    return NOTHING


def _super(at: Call) -> Value:
    frame: Frame | None = at.core.frame
    while frame is not None:
        func = frame.func
        if func is not None and func.owner is not None and frame.state is not None:
            names = [*func.node.args.posonlyargs, *func.node.args.args]
            me = frame.state.vars.get(names[0].arg) if names else None
            return at.core.parent(func.owner, me, at.state)
        frame = frame.caller
    return UNKNOWN


def _type(at: Call) -> Value:
    content = at.core.held(at.args[0], at.state) if at.args and isinstance(at.args[0], Ref) else None
    return content.cls if isinstance(content, Instance) and content.cls is not None else UNKNOWN


def _nothing(_: Call) -> Value:
    return NOTHING


def _boolean(_: Call) -> Value:
    return Unknown(type="bool")


def _hash(at: Call) -> Value:
    return at.core.as_number(at.core.taint_all(at.args, at.state))


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


def _super_attribute(_: Call) -> Value:
    return UNKNOWN


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


def _import(at: Call) -> Value | None:
    if at.args and isinstance(at.args[0], Const) and isinstance(at.args[0].value, str):
        found: Value = at.core.import_module(at.args[0].value, 0)
        return found
    return None


_STARTING: Final = (
    *("threading.Thread", "threading.Timer", "multiprocessing.Process", "asyncio.to_thread"),
    *("concurrent.futures.ThreadPoolExecutor.submit", "concurrent.futures.ProcessPoolExecutor.submit"),
    *("flask_executor.Executor.submit", "gevent.spawn", "eventlet.spawn", "rq.Queue.enqueue"),
)


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


def _table() -> dict[str, Handler]:
    table: dict[str, Handler] = {}
    for names, handler in (
        ("str", _str), ("repr ascii format hex oct bin", _repr), ("int float complex", _number), ("bool", _bool), ("len", _len),
        ("chr", _chr), ("ord abs hash id round", _hash), ("list tuple set frozenset sorted reversed filter iter", _sequence),
        ("dict", _dict), ("range", _range), ("enumerate", _enumerate), ("zip", _zip), ("map", _map), ("next anext", _next),
        ("max min", _either), ("any all", _truth), ("isinstance", _isinstance), ("getattr", _getattr), ("setattr", _setattr),
        ("super", _super), ("type", _type), ("print", _nothing), ("callable hasattr issubclass", _boolean), ("__import__", _import), ("open", _open),
    ):  # fmt: skip
        for name in names.split():
            table[f"builtins.{name}"] = handler
    table |= {
        **dict.fromkeys(_STARTING, _started),
        "collections.deque": _sequence, "collections.OrderedDict": _dict, "collections.defaultdict": _default_dict,
        "functools.partial": _partial, "functools.wraps": _decorator, "copy.copy": _same, "copy.deepcopy": _same,
        "typing.cast": _second, "os.path.join": _path_join, "posixpath.join": _path_join, "os.path.splitext": _path_split, "pathlib.Path": _path,
        "pathlib.PurePath": _path, "pathlib.PosixPath": _path, "pathlib.PurePosixPath": _path, "os.fspath": _str,
        "re.match": _match, "re.fullmatch": _match, "re.search": _match, "re.sub": _sub, "re.Pattern.match": _match,
        "re.Pattern.fullmatch": _match, "re.Pattern.search": _match, "re.Pattern.sub": _sub, "dataclasses.field": _field,
        "importlib.import_module": _import, "flask.render_template": _render, "flask.stream_template": _render,
        "flask.render_template_string": _render, "aiofiles.open": _open, "os.fdopen": _open, "builtins.reversed": _sequence, "itertools.chain": _sequence,
    }  # fmt: skip
    for name in [
        "resolve",
        "absolute",
        "joinpath",
        "expanduser",
        "with_suffix",
        "is_relative_to",
        "relative_to",
        "as_posix",
        "exists",
        "is_file",
        "is_dir",
        "read_text",
        "read_bytes",
        "open",
    ]:
        table[f"pathlib.Path.{name}"] = _path_method
    return table


FUNCTIONS: Final = _table()
