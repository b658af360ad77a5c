"""Records the facts of an application in this process: its configuration, routes, hooks, extensions and answers."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import FunctionType
from typing import Any

from flask import Flask

from fumehood.engines.live.ask import Asking, ask
from fumehood.engines.live.details import extension_details
from fumehood.engines.live.facts import Answer, Hook, LiveApp, Project, Route, Wrapper
from fumehood.engines.live.views import Places, code_names, describe_view
from fumehood.findings import NotCovered

__all__ = ["record", "record_answers", "record_parts"]

_EXPOSED_SUFFIXES = (
    ".py",
    ".pyc",
    ".db",
    ".sqlite",
    ".sqlite3",
    ".sql",
    ".pem",
    ".key",
    ".env",
    ".cfg",
    ".ini",
    ".bak",
    ".log",
    ".toml",
)
_EXPOSED_NAMES = frozenset(
    {".env", ".git", ".htpasswd", ".DS_Store", "Dockerfile", "requirements.txt", "docker-compose.yml"}
)


def record(
    app: Flask, root: Path, *, target: str = "", project: Project | None = None
) -> tuple[LiveApp, list[NotCovered]]:
    """Record an application and its answers, all in this process. The audit itself does so in a child: see ``child``."""
    import dataclasses

    recorded = record_parts(app, root, target)
    answers: list[Answer] = []
    left_out: list[NotCovered] = []
    for item in record_answers(app):
        (left_out if isinstance(item, NotCovered) else answers).append(item)  # type: ignore[arg-type]
    return dataclasses.replace(recorded, answers=tuple(answers), project=project or Project()), left_out


def record_answers(app: Flask, asking: Asking | None = None) -> Iterator[Answer | NotCovered]:
    """Ask the application for its pages; see :func:`fumehood.engines.live.ask.ask`."""
    yield from ask(app, asking or Asking())


def record_parts(app: Flask, root: Path, target: str = "") -> LiveApp:
    """Record all but the answers."""
    places = Places(root)
    return LiveApp(
        target=target,
        name=app.import_name,
        root_path=app.root_path,
        instance_path=app.instance_path,
        python=platform.python_version(),
        debug=bool(app.debug),
        testing=bool(app.testing),
        hooded="fumehood" in app.extensions,
        config={str(key): plain(value) for key, value in app.config.items()},
        explicit=tuple(
            key
            for key, value in app.config.items()
            if key not in Flask.default_config or Flask.default_config[key] != value
        ),
        packages=_packages(),
        loaded=_loaded(),
        extensions=tuple(sorted({_extension_name(key) for key in app.extensions} | _registered(app))),
        details=extension_details(app, plain),
        routes=tuple(_routes(app, places)),
        hooks=tuple(_hooks(app, places)),
        middleware=tuple(_middleware(app)),
        static_folders=tuple(_static_folders(app)),
        exposed_files=tuple(_exposed(app)),
    )


def plain(value: Any, depth: int = 0) -> Any:
    """Reduce a value to what JSON can hold; what is neither text, number nor container becomes ``<its class>``."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if depth < 4 and isinstance(value, dict):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if depth < 4 and isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    return f"<{type(value).__module__}.{type(value).__qualname__}>"


def _packages() -> dict[str, str]:
    from fumehood.engines.advisories.packages import installed

    return {package.name: package.version for package in installed()}


def _loaded() -> tuple[str, ...]:
    """The distributions that have a module imported in this process."""
    from packaging.utils import canonicalize_name

    modules = {name.partition(".")[0] for name in sys.modules} - {"_distutils_hack"}
    owners = importlib.metadata.packages_distributions()
    found = {str(canonicalize_name(name)) for module in modules for name in owners.get(module, ())}
    return tuple(sorted(found))


def _extension_name(key: str) -> str:
    return str(key).lower().replace("-", "_")


def _registered(app: Flask) -> set[str]:
    """Extensions that keep themselves on the app, or only show by their hooks: named by their package."""
    names = {"flask_login"} if hasattr(app, "login_manager") else set()
    functions = [
        item
        for group in (app.before_request_funcs, app.after_request_funcs)
        for hooks in group.values()
        for item in hooks
    ]
    for function in functions:
        package = (getattr(function, "__module__", "") or "").partition(".")[0]
        if package.startswith(("flask_", "seasurf", "talisman")):
            names.add(package)
    return names


def _routes(app: Flask, places: Places) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if view is None:
            continue
        methods = tuple(sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}))
        yield Route(
            rule=rule.rule,
            endpoint=rule.endpoint,
            methods=methods,
            arguments=tuple(sorted(rule.arguments)),
            view=describe_view(view, places),
            blueprint=rule.endpoint.rpartition(".")[0],
        )


def _hooks(app: Flask, places: Places) -> Iterator[Hook]:
    groups: dict[str, Any] = {
        "before_request": app.before_request_funcs,
        "after_request": app.after_request_funcs,
        "url_value_preprocessor": app.url_value_preprocessors,
    }
    for kind, group in groups.items():
        for blueprint, functions in group.items():
            for function in functions:
                yield _hook(kind, blueprint, function, places)
    for blueprint, by_code in app.error_handler_spec.items():
        for handlers in by_code.values():
            for error, handler in handlers.items():
                yield _hook(f"errorhandler {error.__name__}", blueprint, handler, places)


def _hook(kind: str, blueprint: str | None, function: Any, places: Places) -> Hook:
    bare = getattr(function, "__func__", function)
    bare = getattr(bare, "__wrapped__", bare)
    code = bare.__code__ if isinstance(bare, FunctionType) else None
    return Hook(
        kind=kind,
        blueprint=blueprint or "",
        name=getattr(bare, "__qualname__", type(bare).__qualname__),
        module=getattr(bare, "__module__", "") or "",
        own=bool(code and places.is_own(code)),
        names=tuple(sorted(set(code_names(code)))) if code else (),
        location=places.location(code) if code else None,
    )


def _middleware(app: Flask) -> Iterator[Wrapper]:
    """What is wrapped around ``app.wsgi_app``, outermost first."""
    current: Any = app.wsgi_app
    seen: set[int] = set()
    while id(current) not in seen:
        seen.add(id(current))
        if getattr(current, "__self__", None) is app:
            return
        attributes = {
            name: plain(value)
            for name, value in getattr(current, "__dict__", {}).items()
            if not name.startswith("_") and isinstance(value, bool | int | str | type(None))
        }
        yield Wrapper(type(current).__qualname__, type(current).__module__, attributes=attributes)
        inner = [
            getattr(current, name, None) for name in ("wsgi_app", "app", "application", "_app", "wrapped_app")
        ]
        # A middleware may keep the application itself beside what it wraps: that leads back to the outermost.
        current = next((item for item in inner if callable(item) and item is not app), None)
        if current is None:
            return


def _static_folders(app: Flask) -> Iterator[str]:
    for scaffold in (app, *app.blueprints.values()):
        if scaffold.static_folder and (scaffold is app or scaffold.import_name):
            yield os.path.realpath(scaffold.static_folder)


def _exposed(app: Flask) -> Iterator[str]:
    """Files in the static folders that hold source, keys or data: at most a hundred, in at most ten thousand."""
    seen = found = 0
    for folder in _static_folders(app):
        for place, folders, names in os.walk(folder):
            if ".git" in folders:
                yield str(Path(place, ".git"))
                folders.remove(".git")
            for name in sorted(names):
                seen += 1
                if name in _EXPOSED_NAMES or name.lower().endswith(_EXPOSED_SUFFIXES):
                    found += 1
                    yield str(Path(place, name))
                if seen > 10_000 or found > 100:
                    return
