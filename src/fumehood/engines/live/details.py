"""What extensions keep on an application that rules want to know, by topic; and Jinja's environment."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from flask import Flask

__all__ = ["extension_details"]

Plain = Callable[[Any], Any]


def extension_details(app: Flask, plain: Plain) -> dict[str, Any]:
    """Collect details; a topic whose extension is not installed is left out."""
    found: dict[str, Any] = {"jinja": _jinja(app), "session": _session(app), "logging": _logging(app)}
    for topic, reader in (
        ("csrf", _csrf),
        ("login", _login),
        ("admin", _admin),
        ("databases", _databases),
        ("hood", _hood),
    ):
        try:
            details = reader(app, plain)
        except Exception:  # noqa: BLE001 - another version of the extension: then nothing is known of it
            details = None
        if details is not None:
            found[topic] = details
    return found


def _jinja(app: Flask) -> dict[str, Any]:
    environment = app.jinja_env
    autoescape = environment.autoescape
    escaped = {}
    for name in (
        "page.html",
        "page.htm",
        "page.xml",
        "page.svg",
        "page.jinja",
        "page.j2",
        "page.html.j2",
        None,
    ):
        escaped[str(name)] = bool(autoescape(name)) if callable(autoescape) else bool(autoescape)
    try:
        templates = environment.list_templates()[:2000]
    except TypeError:  # the loader cannot list
        templates = []
    return {
        "autoescape": escaped,
        "globals": {str(key): _described(value) for key, value in environment.globals.items()},
        "undefined": environment.undefined.__name__,
        "templates": templates,
    }


def _described(value: Any) -> str:
    """A function's, class's or module's name; of anything else (a proxy must not be asked) its class's."""
    if issubclass(type(value), ModuleType):
        return str(value.__name__)
    named = value if issubclass(type(value), type | FunctionType | BuiltinFunctionType) else type(value)
    return f"{named.__module__}.{named.__qualname__}"


def _session(app: Flask) -> dict[str, Any]:
    interface = app.session_interface
    digest = getattr(interface, "digest_method", None)
    digest = getattr(digest, "__func__", digest)
    name = ""
    try:
        name = digest().name if callable(digest) else ""
    except TypeError:
        name = ""
    return {
        "interface": f"{type(interface).__module__}.{type(interface).__qualname__}",
        "digest": name,
        "cookie_name": interface.get_cookie_name(app),
        "secure": bool(interface.get_cookie_secure(app)),
        "httponly": bool(interface.get_cookie_httponly(app)),
        "samesite": interface.get_cookie_samesite(app),
        "domain": interface.get_cookie_domain(app),
        "path": interface.get_cookie_path(app),
    }


def _csrf(app: Flask, _: Plain) -> dict[str, Any] | None:
    extension = app.extensions.get("csrf")
    if extension is None:
        return None
    return {
        "class": f"{type(extension).__module__}.{type(extension).__qualname__}",
        "exempt_views": sorted(map(str, getattr(extension, "_exempt_views", ()))),
        "exempt_blueprints": sorted(
            str(getattr(item, "name", item)) for item in getattr(extension, "_exempt_blueprints", ())
        ),
    }


def _login(app: Flask, plain: Plain) -> dict[str, Any] | None:
    manager = getattr(app, "login_manager", None)
    if manager is None:
        return None
    return {"session_protection": manager.session_protection, "login_view": plain(manager.login_view)}


def _admin(app: Flask, _: Plain) -> list[dict[str, Any]] | None:
    extension = app.extensions.get("admin")
    if not isinstance(extension, list):
        return None
    views = []
    for admin in extension:
        for view in getattr(admin, "_views", ()):
            maker = next((cls for cls in type(view).__mro__ if "is_accessible" in vars(cls)), None)
            module = getattr(maker, "__module__", "")
            views.append(
                {
                    "name": str(getattr(view, "name", "")),
                    "url": str(getattr(view, "url", "")),
                    "class": type(view).__qualname__,
                    "guarded": not module.startswith("flask_admin"),
                }
            )
    return views


def _databases(app: Flask, plain: Plain) -> list[dict[str, Any]] | None:
    extension = app.extensions.get("sqlalchemy")
    if extension is None or not hasattr(type(extension), "engines"):
        return None
    found = []
    with app.app_context():
        try:
            engines = dict(extension.engines)
        except Exception:  # noqa: BLE001 - a database extension of another make: then nothing is known of it
            return None
    for name, engine in engines.items():
        url = engine.url
        found.append(
            {
                "bind": str(name or ""),
                "dialect": engine.dialect.name,
                "host": url.host or "",
                "username": url.username or "",
                "password": url.password or "",
                "database": url.database or "",
                "query": {str(key): plain(value) for key, value in url.query.items()},
                "connect_args": plain(
                    app.config.get("SQLALCHEMY_ENGINE_OPTIONS", {}).get("connect_args", {})
                ),
                "echo": bool(engine.echo),
                "foreign_keys": _foreign_keys(extension),
                "enforced": _enforced(engine),
            }
        )
    return found


def _foreign_keys(extension: Any) -> int:
    metadatas = getattr(extension, "metadatas", {}) or {}
    return sum(
        len(table.foreign_keys) for metadata in metadatas.values() for table in metadata.tables.values()
    )


def _enforced(engine: Any) -> bool | None:
    """Whether a connection enforces foreign keys; None when that cannot be asked without making the database."""
    from pathlib import Path

    database = engine.url.database
    if engine.dialect.name != "sqlite" or (
        database not in {None, "", ":memory:"} and not Path(database).is_file()
    ):
        return None
    try:
        with engine.connect() as connection:
            return bool(connection.exec_driver_sql("PRAGMA foreign_keys").scalar())
    except Exception:  # noqa: BLE001 - the driver's own errors: then it cannot be told
        return None


def _hood(app: Flask, plain: Plain) -> dict[str, Any] | None:
    """Fumehood's settings that are weaker than their defaults, wherever they were set."""
    from dataclasses import fields

    from fumehood.settings import PREFIX, Settings

    settings = getattr(app.extensions.get("fumehood"), "settings", None)
    if not isinstance(settings, Settings):
        return None
    loosened = {
        PREFIX + item.name.upper(): plain(getattr(settings, item.name))
        for item in fields(settings)
        if (weaker := item.metadata["weaker"]) and weaker(getattr(settings, item.name))
    }
    return {"loosened": loosened}


def _logging(app: Flask) -> dict[str, Any]:
    import logging

    logger = app.logger
    return {
        "level": logger.getEffectiveLevel(),
        "disabled": logger.disabled or logging.root.manager.disable >= logging.ERROR,
    }
