"""What a view function is made of: its decorators, the names that its code uses, where it is defined."""

from __future__ import annotations

import dis
import inspect
import linecache
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from fumehood.engines.live.facts import View, Wrapper
from fumehood.findings import Location

_FLASK_GLOBALS = frozenset({"session", "g", "request", "current_user"})

__all__ = ["Places", "code_names", "describe_view"]


class Places:
    """Turns code into locations relative to the audited root, and tells the project's own code from libraries."""

    def __init__(self, root: Path) -> None:
        self._root = (root if root.is_dir() else root.parent).resolve()
        self._foreign = [Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()]

    def is_own(self, code: CodeType) -> bool:
        path = Path(code.co_filename)
        if not path.is_absolute() or "site-packages" in path.parts:
            return False
        path = path.resolve()
        outside = [place for place in self._foreign if not self._root.is_relative_to(place)]
        return path.is_relative_to(self._root) and not any(path.is_relative_to(place) for place in outside)

    def location(self, code: CodeType) -> Location | None:
        if not self.is_own(code):
            return None
        path = Path(code.co_filename).resolve()
        line = _definition_line(str(path), code.co_firstlineno)
        return Location(
            path.relative_to(self._root).as_posix(),
            line,
            code=linecache.getline(str(path), line).strip(),
            scope=code.co_qualname.replace(".<locals>", ""),
        )


def _definition_line(path: str, first: int) -> int:
    """The ``def`` line: a decorated function's code begins at its first decorator."""
    for line in range(first, first + 30):
        text = linecache.getline(path, line).lstrip()
        if text.startswith(("def ", "async def ", "class ")):
            return line
    return first


def describe_view(view: Any, places: Places) -> View:
    """Record a view function or a class-based view."""
    wrappers: list[Wrapper] = []
    functions = list(_unwrap(view, wrappers))
    cls = next(
        (getattr(item, "view_class", None) for item in (view, *functions) if hasattr(item, "view_class")),
        None,
    )
    if cls is not None:
        functions = list(_methods(cls, wrappers))
        wrappers = [item for item in wrappers if item.name != "View.as_view"]
    codes = [function.__code__ for function in functions if isinstance(function, FunctionType)]
    own = [code for code in codes if places.is_own(code)]
    names = tuple(sorted({name for code in codes for name in code_names(code)}))
    strings = tuple(sorted({text for code in own for text in _strings(code)}))
    main = next(iter(own or codes), None)
    return View(
        name=getattr(cls, "__qualname__", "") or (main.co_qualname if main else type(view).__name__),
        module=getattr(cls or view, "__module__", "") or "",
        own=bool(own),
        location=places.location(own[0]) if own else None,
        names=names,
        strings=strings,
        wrappers=tuple(wrappers),
        forms=tuple(sorted({form for function in functions for form in _forms(function)})),
        access=_declared(view, functions, cls),
    )


def _unwrap(function: Any, wrappers: list[Wrapper]) -> Iterator[Any]:
    """Walk from the outermost decorator to the function itself, through ``__wrapped__`` or the closure."""
    seen: set[int] = set()
    while id(function) not in seen:
        seen.add(id(function))
        function = getattr(function, "__func__", function)
        if isinstance(function, FunctionType) and hasattr(function, "view_class"):
            yield function
            return
        inner = getattr(function, "__wrapped__", None) or _enclosed(function)
        if inner is None:
            yield function
            return
        if isinstance(function, FunctionType):
            code = function.__code__
            maker = code.co_qualname.partition(".<locals>")[0]
            wrappers.append(
                Wrapper(maker, function.__globals__.get("__name__", ""), tuple(sorted(set(code_names(code)))))
            )
        else:
            wrappers.append(Wrapper(type(function).__qualname__, type(function).__module__))
        function = inner


def _enclosed(function: Any) -> Any:
    """The view that a decorator without ``functools.wraps`` holds in its closure."""
    if not isinstance(function, FunctionType) or "<locals>" not in function.__code__.co_qualname:
        return None
    candidates = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            value = cell.cell_contents
        except ValueError:
            continue
        if isinstance(value, FunctionType) and name in {
            "f",
            "fn",
            "func",
            "function",
            "view",
            "view_func",
            "wrapped",
            "method",
        }:
            candidates.append(value)
    return candidates[0] if len(candidates) == 1 else None


def _methods(cls: type, wrappers: list[Wrapper]) -> Iterator[Any]:
    for decorator in getattr(cls, "decorators", None) or ():
        name = getattr(decorator, "__qualname__", type(decorator).__qualname__).partition(".<locals>")[0]
        code = getattr(decorator, "__code__", None)
        names = tuple(sorted(set(code_names(code)))) if code else ()
        wrappers.append(Wrapper(name, getattr(decorator, "__module__", "") or "", names))
    for name in ("dispatch_request", "get", "post", "put", "patch", "delete"):
        method = inspect.getattr_static(cls, name, None)
        if isinstance(method, FunctionType) and not method.__module__.startswith("flask."):
            yield from _unwrap(method, wrappers)


def code_names(code: CodeType) -> Iterator[str]:
    """The global and attribute names that code uses, and those of the functions within it.

    An attribute that is called like one of Flask's own globals (``db.session``) is not that global, and is left out.
    """
    before = ""
    for instruction in dis.get_instructions(code):
        name = instruction.argval
        if instruction.opname in {"LOAD_ATTR", "LOAD_METHOD", "STORE_ATTR", "IMPORT_FROM"}:
            if name not in _FLASK_GLOBALS or before in {"flask", "IMPORT"}:
                yield str(name)
        elif instruction.opname in {
            "LOAD_GLOBAL",
            "LOAD_NAME",
            "STORE_NAME",
            "STORE_GLOBAL",
            "LOAD_DEREF",
            "IMPORT_NAME",
        }:
            yield str(name)
        if instruction.opname != "PUSH_NULL":
            before = "IMPORT" if instruction.opname.startswith(("IMPORT", "STORE")) else str(name)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from code_names(constant)


def _strings(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str) and len(constant) <= 80 and constant != code.co_qualname:
            yield constant
        elif isinstance(constant, CodeType):
            yield from _strings(constant)
        elif isinstance(constant, tuple):  # names of keyword arguments among them
            yield from (part for part in constant if isinstance(part, str) and len(part) <= 80)


def _forms(function: Any, depth: int = 2) -> Iterator[str]:
    """The Flask-WTF forms, with their token, that a view makes: by itself, or by functions of its own module's globals."""
    form_module = sys.modules.get("flask_wtf.form")
    if form_module is None or not isinstance(function, FunctionType):
        return
    for name in code_names(function.__code__):
        value: Any = function.__globals__.get(name)
        if issubclass(type(value), type) and issubclass(value, form_module.FlaskForm):
            if getattr(getattr(value, "Meta", None), "csrf", True) is not False:
                yield name
        elif depth and type(value) is FunctionType and not value.__module__.startswith("flask"):
            yield from _forms(value, depth - 1)


def _declared(view: Any, functions: list[Any], cls: type | None) -> str:
    marked = [
        item for item in (view, cls, *functions) if item is not None and hasattr(item, "__fumehood_access__")
    ]
    if not marked:
        return ""
    declared = marked[0].__fumehood_access__
    first = declared[0] if isinstance(declared, tuple) and declared else declared
    return str(getattr(first, "kind", ""))
