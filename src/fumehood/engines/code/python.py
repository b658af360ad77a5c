"""Python's own functions on abstract values: builtins, functools, os.path, pathlib, re, itertools ..."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from fumehood.engines.code.core import with_taint
from fumehood.engines.code.heap import DictObject, Instance, ListObject, State
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.patterns import excluded
from fumehood.engines.code.taint import without
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    External,
    Func,
    Mod,
    Partial,
    Ref,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    join,
    options,
    union,
    unknown,
)

__all__ = ["FUNCTIONS"]

Args = list[Value]
Keywords = dict[str, Value]
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "str": (str,), "bytes": (bytes,), "int": (int,), "float": (float,), "bool": (bool,), "list": (list,), "dict": (dict,),
    "tuple": (tuple,), "set": (set,),
}  # fmt: skip


def _str(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return core.as_text(args[0], state) if args else Const("")


def _repr(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return unknown(core.taint_all(args, state), "str")


def _number(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if not args:
        return Const(0)
    if isinstance(args[0], Const) and len(args) == 1:
        try:
            return Const(int(args[0].value) if func.path.endswith("int") else float(args[0].value))
        except (TypeError, ValueError, OverflowError):
            return Unknown(type="int")
    return core.as_number(core.taint_of(args[0], state))


def _bool(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if not args:
        return Const(False)
    if isinstance(args[0], Condition):
        return args[0]
    truth = core.truth(args[0], state)
    return Const(truth) if truth is not None else Unknown(type="bool")


def _len(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if args:
        value = args[0]
        if isinstance(value, Const) and isinstance(value.value, str | bytes):
            return Const(len(value.value))
        if isinstance(value, Tuple):
            return Const(len(value.items))
        content = core.held(value, state) if isinstance(value, Ref) else None
        if isinstance(content, ListObject) and content.rest is None and content.kind == "list" and value.address not in core.shared:
            return Const(len(content.items))
    return Unknown(type="int")


def _chr(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if args and isinstance(args[0], Const) and isinstance(args[0].value, int) and 0 <= args[0].value < 0x110000:
        return Const(chr(args[0].value))
    taint = core.taint_all(args, state)
    return Unknown(frozenset(type(t)(t.source, t.part, t.removed - {"*"}, t.trail) for t in taint), "str")


def _sequence(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    kind = "set" if "set" in func.path else "list"
    if not args:
        return core.allocate(node, ListObject((), None, kind), state)
    known, element = core.elements(args[-1] if func.path.endswith("filter") else args[0], state, node)
    if func.path.endswith("tuple") and known is not None:
        return Tuple(known)
    if func.path.endswith("reversed") and known is not None:
        known = known[::-1]
    if known is not None and not func.path.endswith(("sorted", "filter")):
        return core.allocate(node, ListObject(known, None, kind), state)
    each = union(known) if known else element
    if known is not None and not known:
        return core.allocate(node, ListObject((), None, kind), state)
    return core.allocate(node, ListObject((), each or UNKNOWN, kind), state)


def _dict(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    content = DictObject({name: value for name, value in keywords.items() if name != "**"}, keywords.get("**"))
    for arg in args:
        other = core.held(arg, state) if isinstance(arg, Ref) else None
        if isinstance(other, DictObject):
            content = DictObject({**other.items, **content.items}, other.rest, other.keys)
        else:
            taint = core.taint_of(arg, state)
            content = DictObject(content.items, unknown(taint), unknown(taint))
    return core.allocate(node, content, state)


def _range(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if args and all(isinstance(arg, Const) and isinstance(arg.value, int) for arg in args):
        try:
            numbers = range(*(arg.value for arg in args if isinstance(arg, Const)))
            if len(numbers) <= 24:
                return Tuple(tuple(Const(number) for number in numbers))
        except (TypeError, ValueError, OverflowError):
            return UNKNOWN
    return core.allocate(node, ListObject((), Unknown(type="int")), state)


def _enumerate(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    known, element = core.elements(args[0], state, node) if args else ((), None)
    if known is not None:
        return Tuple(tuple(Tuple((Const(position), item)) for position, item in enumerate(known)))
    return core.allocate(node, ListObject((), Tuple((Unknown(type="int"), element or UNKNOWN))), state)


def _zip(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    each = [core.elements(arg, state, node) for arg in args]
    if each and all(known is not None for known, _ in each):
        return Tuple(tuple(Tuple(tuple(row)) for row in zip(*(known for known, _ in each), strict=False)))
    row = tuple(union(known) if known else element or UNKNOWN for known, element in each)
    return core.allocate(node, ListObject((), Tuple(row)), state)


def _map(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if len(args) < 2:
        return UNKNOWN
    known, element = core.elements(args[1], state, node)
    if known is not None and len(known) <= 16:
        return Tuple(tuple(core.call(args[0], [item], {}, state, node) for item in known))
    item = core.call(args[0], [union(known) if known else element or UNKNOWN], {}, state, node)
    return core.allocate(node, ListObject((), item), state)


def _next(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if not args:
        return UNKNOWN
    known, element = core.elements(args[0], state, node)
    found = union(known) if known else element or UNKNOWN
    return join(found, args[1]) if len(args) > 1 else found


def _same(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return args[0] if args else UNKNOWN


def _second(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return args[1] if len(args) > 1 else keywords.get("val", UNKNOWN)


def _either(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if len(args) > 1:
        return union(args)
    known, element = core.elements(args[0], state, node) if args else (None, None)
    return union(known) if known else element or UNKNOWN


def _truth(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    known, _ = core.elements(args[0], state, node) if args else (None, None)
    if known is not None:
        answers = [core.truth(item, state) for item in known]
        if func.path.endswith("any"):
            return Const(True) if True in answers else Unknown(type="bool") if None in answers else Const(False)
        conditions = [item for item in known if isinstance(item, Condition)]
        if conditions and False not in answers:
            return Condition(frozenset().union(*(item.when_true for item in conditions)), frozenset())
    return Unknown(type="bool")


def _isinstance(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if len(args) != 2:
        return Unknown(type="bool")
    wanted = args[1].items if isinstance(args[1], Tuple) else options(args[1])
    answers = {_is(core, one, kind, state) for one in options(args[0]) for kind in wanted}
    per_option = [
        True if True in mine else None if None in mine else False
        for mine in ({_is(core, one, kind, state) for kind in wanted} for one in options(args[0]))
    ]
    if all(answer is True for answer in per_option):
        return Const(True)
    if all(answer is False for answer in per_option):
        return Const(False)
    del answers
    return Unknown(type="bool")


def _is(core: Any, value: Value, kind: Value, state: State) -> bool | None:
    if isinstance(kind, Cls):
        content = core.held(value, state) if isinstance(value, Ref) else None
        if isinstance(content, Instance) and content.cls is not None:
            return True if _descends(content.cls, kind) else False
        return False if isinstance(value, Const | Text) else None
    if not isinstance(kind, External):
        return None
    name = kind.path.removeprefix("builtins.")
    types = _TYPES.get(name)
    if isinstance(value, Const):
        return isinstance(value.value, types) if types else False if kind.path.startswith("builtins.") or "." in kind.path else None
    if isinstance(value, Text):
        return name == ("bytes" if value.binary else "str")
    if isinstance(value, Unknown) and value.type:
        return value.type == name if types or "." in kind.path else None
    content = core.held(value, state) if isinstance(value, Ref) else None
    if isinstance(content, ListObject):
        return name == content.kind if types else None
    if isinstance(content, DictObject):
        return name == "dict" if types else None
    if isinstance(value, Unknown) and any(t.source.kind == "request" for t in value.taint) and "io." in kind.path:
        return False
    return None


def _descends(cls: Cls, wanted: Cls, depth: int = 0) -> bool:
    return cls == wanted or (
        depth < 8 and any(isinstance(base, Cls) and _descends(base, wanted, depth + 1) for base in cls.bases)
    )


def _getattr(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if len(args) < 2:
        return UNKNOWN
    default = args[2] if len(args) > 2 else None
    results = []
    for name in options(args[1]):
        if isinstance(name, Const) and isinstance(name.value, str):
            results.append(core.attribute(args[0], name.value, state, node))
        elif isinstance(args[0], Mod):
            results.append(core.any_callable(args[0]))
        else:
            results.append(unknown(core.taint_of(args[0], state)))
    found = union(results)
    return found if default is None else join(found, default)


def _setattr(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if len(args) == 3 and isinstance(args[0], Ref):
        content = core.held(args[0], state)
        if isinstance(content, Instance) and isinstance(args[1], Const) and isinstance(args[1].value, str):
            core.replace(args[0], Instance(content.cls, {**content.attributes, args[1].value: args[2]}), state)
    return NOTHING


def _super(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    frame = core.frame
    while frame is not None and (frame.func is None or frame.func.owner is None):
        frame = frame.caller
    if frame is None or frame.state is None:
        return UNKNOWN
    names = [*frame.func.node.args.posonlyargs, *frame.func.node.args.args]
    me = frame.state.vars.get(names[0].arg) if names else None
    return core.parent(frame.func.owner, me, state)


def _type(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    content = core.held(args[0], state) if args and isinstance(args[0], Ref) else None
    return content.cls if isinstance(content, Instance) and content.cls is not None else UNKNOWN


def _nothing(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return NOTHING


def _boolean(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return Unknown(type="bool")


def _hash(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return core.as_number(core.taint_all(args, state))


def _partial(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return Partial(args[0], tuple(args[1:]), tuple(keywords.items())) if args else UNKNOWN


def _decorator(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return External(func.path + "()", instance=True)


def _path_join(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    parts: list[str | Value] = []
    for position, arg in enumerate(args):
        if position:
            parts.append("/")
        arg = core.path_text(arg)
        arg = arg.options[0] if isinstance(arg, Union) and len(arg.options) == 1 else arg
        parts += text_parts(arg)
    return concatenate(parts)


def _path(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    if not args:
        return External("pathlib.Path", instance=True, detail=(("text", Const(".")),))
    return core.path_joined(args[0], args[1:], state)


def _path_method(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value | None:
    text = core.path_text(func)
    name = func.path.rpartition(".")[2]
    if name in ("resolve", "absolute"):
        text = with_taint(text, lambda taints: without(taints, ("resolved",)))
        hole = unknown(text.taint, "str")
        return External("pathlib.Path", text.taint, True, (("text", hole),)) if text.taint else External(
            "pathlib.Path", instance=True)
    if name == "joinpath":
        return core.path_joined(func, args, state)
    if name in ("expanduser", "with_suffix"):
        return External("pathlib.Path", text.taint, True, (("text", text),))
    if name == "is_relative_to":
        facts = frozenset((t.source, t.part, "path") for t in text.taint if "resolved" in t.removed)
        return Condition(facts, frozenset()) if facts else Unknown(type="bool")
    if name in ("as_posix", "__str__"):
        return text
    if name in ("exists", "is_file", "is_dir"):
        return Unknown(type="bool")
    if name in ("read_text", "read_bytes", "open"):
        return core.contents(text, node)
    return None


def _match(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value | None:
    """A text that a pattern matched cannot have what the pattern leaves out."""
    values = list(args)
    pattern = next((value for name, value in func.detail if name == "0"), None)
    if not func.instance:
        pattern = values.pop(0) if values else keywords.get("pattern")
    text = values[0] if values else keywords.get("string")
    if text is None or not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        return None
    whole = func.path.rpartition(".")[2]
    kinds = excluded(pattern.value, whole)
    facts = frozenset((t.source, t.part, kind) for t in core.taint_of(text, state) for kind in kinds)
    return Condition(facts, frozenset(), core.taint_of(text, state))


def _super_attribute(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return UNKNOWN


def _sub(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value | None:
    """``re.sub("[^a-z]", "", text)`` leaves only what the class names."""
    values = list(args)
    pattern = next((value for name, value in func.detail if name == "0"), None)
    if not func.instance:
        pattern = values.pop(0) if values else None
    if len(values) < 2 or not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        return None
    taint = core.taint_of(values[1], state)
    kinds = excluded(pattern.value, "sub") if isinstance(values[0], Const) else frozenset()
    return Unknown(without(taint, kinds) | core.taint_of(values[0], state), "str")


def _field(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    factory = keywords.get("default_factory")
    if factory is not None:
        return core.call(factory, [], {}, state, node)
    return keywords.get("default", UNKNOWN)


def _open(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value:
    return core.contents(core.path_text(args[0]) if args else UNKNOWN, node)


def _render(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value | None:
    if args:
        core.render(args[0], keywords, state, node, source=func.path.endswith("_string"))
    return None


def _import(core: Any, func: External, args: Args, keywords: Keywords, state: State, node: ast.AST) -> Value | None:
    if args and isinstance(args[0], Const) and isinstance(args[0].value, str):
        found: Value = core.import_module(args[0].value, 0)
        return found
    return None


Handler = Callable[[Any, External, Args, Keywords, State, ast.AST], Value | None]


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
        "functools.partial": _partial, "functools.wraps": _decorator, "copy.copy": _same, "copy.deepcopy": _same,
        "typing.cast": _second, "os.path.join": _path_join, "posixpath.join": _path_join, "pathlib.Path": _path,
        "pathlib.PurePath": _path, "pathlib.PosixPath": _path, "pathlib.PurePosixPath": _path, "os.fspath": _str,
        "re.match": _match, "re.fullmatch": _match, "re.search": _match, "re.sub": _sub, "re.Pattern.match": _match,
        "re.Pattern.fullmatch": _match, "re.Pattern.search": _match, "re.Pattern.sub": _sub, "dataclasses.field": _field,
        "importlib.import_module": _import, "flask.render_template": _render, "flask.stream_template": _render,
        "flask.render_template_string": _render, "aiofiles.open": _open, "os.fdopen": _open, "builtins.reversed": _sequence, "itertools.chain": _sequence,
    }  # fmt: skip
    for name in "resolve absolute joinpath expanduser with_suffix is_relative_to as_posix exists is_file is_dir read_text read_bytes open".split():
        table[f"pathlib.Path.{name}"] = _path_method
    return table


FUNCTIONS: Final = _table()
_ = (Func,)
