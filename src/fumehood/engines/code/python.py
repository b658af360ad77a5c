"""Python's own functions on abstract values: builtins, functools, os.path, pathlib, re, itertools ..."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from fumehood.engines.code.heap import DictObject, Instance, ListObject, State
from fumehood.engines.code.schemas import fields_of_form
from fumehood.engines.code.standard_library import LIBRARY, Call, Handler
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    External,
    Fact,
    Mod,
    Ref,
    Text,
    Tuple,
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
        return Condition(at.args[0].when_true, at.args[0].when_false)  # not the match that is true
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
        elif fields := fields_of_form(at.core, at.args[0], at.state):
            results.extend(fields.values())
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


def _table() -> dict[str, Handler]:
    table: dict[str, Handler] = {}
    for names, handler in (
        ("str", _str), ("repr ascii format hex oct bin", _repr), ("int float complex", _number), ("bool", _bool), ("len", _len),
        ("chr", _chr), ("ord abs hash id round", _hash), ("list tuple set frozenset sorted reversed filter iter", _sequence),
        ("dict", _dict), ("range", _range), ("enumerate", _enumerate), ("zip", _zip), ("map", _map), ("next anext", _next),
        ("max min", _either), ("any all", _truth), ("isinstance", _isinstance), ("getattr", _getattr), ("setattr", _setattr),
        ("super", _super), ("type", _type), ("print", _nothing), ("callable hasattr issubclass", _boolean),
    ):  # fmt: skip
        for name in names.split():
            table[f"builtins.{name}"] = handler
    table |= {
        "collections.deque": _sequence, "collections.OrderedDict": _dict, "collections.defaultdict": _default_dict,
        "copy.copy": _same, "copy.deepcopy": _same, "typing.cast": _second, "os.fspath": _str, "itertools.chain": _sequence,
    }  # fmt: skip
    return table | LIBRARY


FUNCTIONS: Final = _table()
