"""Finds the application that ``--app`` names."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask

__all__ = ["TargetError", "load"]


class TargetError(Exception):
    """The application cannot be imported or made. The message says what, where and what to do."""


def load(root: Path, target: str) -> Flask:
    """Import ``MODULE[:ATTR]`` and return its application.

    Parameters:
        root: the project's folder; it, and ``src`` in it, are searched first.
        target: ATTR is an application, a factory, or a factory with literal arguments as in ``shop:create_app("test")``. Without it:
            ``app``, ``application``, the module's only application, ``create_app`` or ``make_app``.

    Raises:
        TargetError: when there is no such module or attribute, when importing or calling raises, or the factory needs arguments.
    """
    folder = root if root.is_dir() else root.parent
    for place in (folder / "src", folder):
        if place.is_dir() and str(place) not in sys.path:
            sys.path.insert(0, str(place))
    name, _, attribute = target.partition(":")
    name = name.removesuffix(".py").replace("/", ".").strip(".")
    if not name:
        raise TargetError(
            f"{target!r} names no module: --app takes MODULE[:ATTR], as in --app shop:create_app"
        )
    module = _import(name, folder)
    found, described = _attribute(module, attribute.strip()) if attribute else _guess(module)
    return _application(found, described, folder)


def _import(name: str, folder: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise TargetError(
                f"there is no module {name!r} in {folder}; --app takes MODULE[:ATTR], as in --app shop:create_app"
            ) from None
        raise TargetError(
            f"importing {name!r} failed{_place(error, folder)}: it needs the module {error.name!r}, which is not installed in "
            f"{sys.prefix}; run the audit in the application's own environment"
        ) from None
    except (Exception, SystemExit) as error:
        raise TargetError(
            f"importing {name!r} failed{_place(error, folder)} with {_describe(error)}"
        ) from error


def _attribute(module: ModuleType, expression: str) -> tuple[Any, str]:
    try:
        node = ast.parse(expression, mode="eval").body
    except SyntaxError:
        raise TargetError(f"{expression!r} is not an attribute: --app takes MODULE[:ATTR]") from None
    arguments: list[Any] = []
    keywords: dict[str, Any] = {}
    called = isinstance(node, ast.Call)
    if isinstance(node, ast.Call):
        try:
            arguments = [ast.literal_eval(item) for item in node.args]
            keywords = {item.arg or "": ast.literal_eval(item.value) for item in node.keywords}
        except ValueError:
            raise TargetError(f"the arguments in {expression!r} must be literals") from None
        node = node.func
    dotted = ast.unparse(node)
    found: Any = module
    for part in dotted.split("."):
        if not hasattr(found, part):
            known = [key for key, value in vars(module).items() if _is_app(value)]
            also = f"; it has {', '.join(known)}" if known else ""
            raise TargetError(f"module {module.__name__!r} has no {dotted!r}{also}")
        found = getattr(found, part)
    described = f"{module.__name__}:{dotted}"
    if called:
        return _call(found, described, arguments, keywords), f"{described}(...)"
    return found, described


def _guess(module: ModuleType) -> tuple[Any, str]:
    for name in ("app", "application"):
        if _is_app(getattr(module, name, None)):
            return getattr(module, name), f"{module.__name__}:{name}"
    apps = {id(value): key for key, value in vars(module).items() if _is_app(value)}
    if len(apps) == 1:
        name = next(iter(apps.values()))
        return getattr(module, name), f"{module.__name__}:{name}"
    if apps:
        raise TargetError(
            f"module {module.__name__!r} has several applications; say which: "
            + " or ".join(f"--app {module.__name__}:{name}" for name in apps.values())
        )
    for name in ("create_app", "make_app"):
        if inspect.isfunction(getattr(module, name, None)):
            return getattr(module, name), f"{module.__name__}:{name}"
    raise TargetError(
        f"module {module.__name__!r} has no Flask application: no app, application, create_app or make_app; "
        f"say which attribute it is: --app {module.__name__}:ATTR"
    )


def _call(factory: Any, described: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    try:
        inspect.signature(factory).bind(*arguments, **keywords)
    except TypeError as error:
        raise TargetError(
            f"{described} cannot be called so: {error}; give it literal arguments, as in --app '{described}(\"test\")', "
            "or write a module that calls it and name that"
        ) from None
    except ValueError:
        pass  # a built-in without a signature: calling it will tell
    return factory(*arguments, **keywords)


def _application(found: Any, described: str, folder: Path) -> Flask:
    found = _unwrapped(found)
    if not _is_app(found) and callable(found) and not hasattr(found, "wsgi_app"):
        try:
            found = _call(found, described, [], {})
        except TargetError:
            raise
        except (Exception, SystemExit) as error:
            raise TargetError(
                f"calling {described} failed{_place(error, folder)} with {_describe(error)}"
            ) from error
    found = _unwrapped(found)
    if not _is_app(found):
        raise TargetError(
            f"{described} is a {type(found).__name__}, not a Flask application or a factory of one"
        )
    app: Flask = found
    return app


def _unwrapped(found: Any) -> Any:
    """Take an application out of what is kept around it: connexion's FlaskApp, a middleware kept as the application."""
    for wrapped in ("app", "application", "wsgi_app"):
        if not _is_app(found) and _is_app(getattr(found, wrapped, None)):
            found = getattr(found, wrapped)
    return found


def _is_app(value: object) -> bool:
    # By its type alone: isinstance() asks a proxy such as flask.session, which fails outside of a request.
    return issubclass(type(value), Flask)


def _describe(error: BaseException) -> str:
    # A syntax error's own words end with its file and line, which stand before them already.
    text = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split()).rstrip(".")
    return f"{type(error).__name__}: {text[:1_000]}" if text else type(error).__name__


def _place(error: BaseException, folder: Path) -> str:
    """Where in the project it went wrong: the last frame that is the project's own, never the whole trace."""
    if isinstance(error, SyntaxError) and error.filename:
        path = Path(error.filename)
        shown = path.resolve().relative_to(folder.resolve()) if _inside(error.filename, folder) else path
        return f" at {shown}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if _inside(frame.filename, folder)]
    if not inside:
        return ""
    return f" at {Path(inside[-1].filename).resolve().relative_to(folder.resolve())}:{inside[-1].lineno}"


def _inside(filename: str, folder: Path) -> bool:
    path = Path(filename).resolve()
    return path.is_relative_to(folder.resolve()) and "site-packages" not in path.parts
