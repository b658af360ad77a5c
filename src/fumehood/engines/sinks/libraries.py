"""Dangerous calls of libraries other than SQL drivers: templates, object loaders, document stores and archives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import wrapt

from fumehood.engines.sinks.inputs import Value
from fumehood.engines.sinks.languages import Language, javascript, path, template
from fumehood.engines.sinks.watch import Scope, active

__all__ = ["WRAPPERS"]

_JAVASCRIPT = Language(javascript.changes)
_MAKO = Language(lambda text, start, end: template.changes(text, start, end, ("${", "<%", "\n%", "\n##")))


def _wrap_jinja(loaded: Any) -> None:
    def before(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        scope = active.get()
        source = args[0] if args else kwargs.get("source")
        if scope is not None and isinstance(source, str):
            starts = (
                instance.variable_start_string,
                instance.block_start_string,
                instance.comment_start_string,
            )
            scope.guarded(
                lambda: scope.text(
                    "template",
                    "jinja2.Environment.from_string",
                    source,
                    Language(lambda text, start, end: template.changes(text, start, end, starts)),
                )
            )
        return wrapped(*args, **kwargs)

    for name in ("Environment.from_string", "Environment.compile_expression"):
        wrapt.wrap_function_wrapper(loaded, name, before)


def _wrap_mako(loaded: Any) -> None:
    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        scope = active.get()
        source = args[0] if args else kwargs.get("text")
        if scope is not None and isinstance(source, str):
            scope.guarded(
                lambda: scope.text(
                    "template",
                    "mako.template.Template",
                    source,
                    _MAKO,
                )
            )
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "Template.__init__", before)


# --- objects ------------------------------------------------------------------------------------------------------------


def _named_object(call: str, place: int, *names: str) -> Callable[[Any], None]:
    """Return what wraps functions that import, for a document they read, what it names."""

    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        scope = active.get()
        if scope is not None and len(args) > place:
            scope.guarded(lambda: _object_named(scope, call, str(args[place])))
        return wrapped(*args, **kwargs)

    def wrap(loaded: Any) -> None:
        for name in names:
            owner = getattr(loaded, name.partition(".")[0], None)
            if owner is not None and (("." not in name) or hasattr(owner, name.partition(".")[2])):
                wrapt.wrap_function_wrapper(loaded, name, before)

    return wrap


def _object_named(scope: Scope, call: str, name: str) -> None:
    wanted = name.encode()
    inputs = scope.inputs()
    for value in inputs.values():
        if name and name in value.text:
            scope.report("object", call, name, value, f"it makes the loader import {name}")
            return
    if name and any(wanted in data for data in inputs.raw()):
        shown = next(inputs.everything(), Value("body", "", "", ""))
        scope.report("object", call, name, shown, f"it makes the loader import {name}")


# --- document stores ----------------------------------------------------------------------------------------------------

_METHODS = ("find", "find_one", "update_one", "update_many", "delete_one", "delete_many", "replace_one", "count_documents", "aggregate",
    "find_one_and_update", "find_one_and_delete", "find_one_and_replace", "distinct", "find_raw_batches", "aggregate_raw_batches")  # fmt: skip
_SCRIPTS = frozenset(
    {
        "$where",
        "$function",
        "$accumulator",
        "body",
        "init",
        "accumulate",
        "merge",
        "finalize",
        "map",
        "reduce",
    }
)


def _wrap_pymongo(loaded: Any) -> None:
    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        scope = active.get()
        if scope is not None:
            call = f"pymongo.Collection.{wrapped.__name__}"
            scope.guarded(lambda: _look_at_documents(scope, call, (*args, *kwargs.values())))
        return wrapped(*args, **kwargs)

    for kind in ("Collection", "AsyncCollection"):
        for name in _METHODS:
            if hasattr(getattr(loaded, kind, None), name):
                wrapt.wrap_function_wrapper(loaded, f"{kind}.{name}", before)


def _look_at_documents(scope: Scope, call: str, arguments: tuple[Any, ...]) -> None:
    inputs = scope.inputs()
    inputs.values()
    if inputs.objects:
        used = [(key, item) for argument in arguments for key, item in _operators(argument)]
        for name, chosen in inputs.objects if used else ():
            for key, item in _operators(chosen, deep=False):
                if any(key == other and _same(item, given) for other, given in used):
                    value = Value("json", name, str(chosen)[:500], "")
                    why = f"it is an object with the operator {key} where a plain value was meant"
                    scope.report("nosql", call, str(arguments[0])[:2000], value, why)
                    return
    for argument in arguments:
        for script in _scripts(argument):
            scope.text("nosql", call, script, _JAVASCRIPT)


def _operators(document: Any, depth: int = 0, *, deep: bool = True) -> Iterator[tuple[str, Any]]:
    if depth > 32:
        return
    if isinstance(document, dict):
        for key, item in document.items():
            if isinstance(key, str) and key.startswith("$"):
                yield key, item
            if deep:
                yield from _operators(item, depth + 1)
    elif isinstance(document, list | tuple) and deep:
        for item in document:
            yield from _operators(item, depth + 1)


def _same(sent: Any, used: Any) -> bool:
    """Tell whether an operator's operand is the client's, also when the application has changed its type."""
    return bool(sent == used) or str(sent) == str(used)


def _scripts(document: Any, depth: int = 0) -> Iterator[str]:
    if depth > 32:
        return
    if isinstance(document, dict):
        for key, item in document.items():
            if key in _SCRIPTS and isinstance(item, str):
                yield item
            else:
                yield from _scripts(item, depth + 1)
    elif isinstance(document, list | tuple):
        for item in document:
            yield from _scripts(item, depth + 1)


# --- archives -----------------------------------------------------------------------------------------------------------


def _note_members(scope: Scope, names: list[str]) -> None:
    """Take the names in an archive for values: whoever packed it chose them."""
    kept = scope.inputs().archives
    for name in names[:10_000]:
        if path.could_escape(name):
            kept.append(Value("file", "a name in the archive", name, name.lower()))


def _wrap_zipfile(loaded: Any) -> None:
    def after(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = wrapped(*args, **kwargs)
        scope = active.get()
        if scope is not None:
            scope.guarded(lambda: _note_members(scope, list(getattr(instance, "NameToInfo", ()))))
        return result

    wrapt.wrap_function_wrapper(loaded, "ZipFile.__init__", after)


def _wrap_tarfile(loaded: Any) -> None:
    def after(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        member = wrapped(*args, **kwargs)
        scope = active.get()
        if scope is not None and member is not None:
            scope.guarded(lambda: _note_members(scope, [member.name, member.linkname or ""]))
        return member

    wrapt.wrap_function_wrapper(loaded, "TarFile.next", after)


WRAPPERS: dict[str, Callable[[Any], None]] = {
    "jinja2.environment": _wrap_jinja,
    "mako.template": _wrap_mako,
    "yaml.constructor": _named_object(
        "yaml.load", 0, "FullConstructor.find_python_name", "FullConstructor.find_python_module"
    ),
    "jsonpickle.unpickler": _named_object("jsonpickle.decode", 0, "loadclass"),
    "pymongo.collection": _wrap_pymongo,
    "pymongo.synchronous.collection": _wrap_pymongo,
    "pymongo.asynchronous.collection": _wrap_pymongo,
    "zipfile": _wrap_zipfile,
    "tarfile": _wrap_tarfile,
}
