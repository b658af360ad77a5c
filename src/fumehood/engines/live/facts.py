"""What the live engine records of an application: plain, immutable facts. Rules are pure functions of them.

The application is imported and asked in a child process; these facts come back as JSON, so that a rule can judge a live
application, a recording of one, or one built by a test, without a difference.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from fumehood.findings import Location

__all__ = [
    "SAFE_METHODS",
    "Answer",
    "Hook",
    "LiveApp",
    "Project",
    "Requirement",
    "Route",
    "View",
    "Wrapper",
    "from_json",
    "to_json",
]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A decorator around a view, or a WSGI middleware around the application.

    Parameters:
        name: qualified name of what made it, as in ``login_required`` or ``ProxyFix``.
        module: where that is defined.
        names: the global and attribute names that its code uses.
        attributes: the simple public attributes of a middleware.
    """

    name: str
    module: str
    names: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class View:
    """The function or class behind a route.

    Parameters:
        name: its qualified name.
        module: where it is defined.
        own: whether its source is part of the audited project.
        location: where it is defined, when that is in the project.
        names: the global and attribute names that its code uses, the nested functions' too.
        strings: the short string constants of its code.
        wrappers: the decorators around it, outermost first.
        forms: the names of the Flask-WTF forms that it uses.
        access: what the hood's declaration says: "", "public", "allow", "permit" ...
    """

    name: str
    module: str
    own: bool
    location: Location | None = None
    names: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    wrappers: tuple[Wrapper, ...] = ()
    forms: tuple[str, ...] = ()
    access: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One rule of the URL map. ``methods`` are without HEAD and OPTIONS."""

    rule: str
    endpoint: str
    methods: tuple[str, ...]
    arguments: tuple[str, ...]
    view: View
    blueprint: str = ""

    def __str__(self) -> str:
        return f"{','.join(self.methods)} {self.rule}"

    @property
    def unsafe_methods(self) -> tuple[str, ...]:
        return tuple(method for method in self.methods if method not in SAFE_METHODS)

    @property
    def changes_state(self) -> bool:
        return bool(self.unsafe_methods)


@dataclass(frozen=True, slots=True)
class Hook:
    """A function that runs around requests: ``kind`` is Flask's name for it, as in ``before_request``."""

    kind: str
    blueprint: str
    name: str
    module: str
    own: bool
    names: tuple[str, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One request that was made through the WSGI callable, and what came back.

    Parameters:
        purpose: "page", "plain" (over http), "missing", "error" (a view made to fail), "foreign-host", "foreign-origin".
        url: as requested.
        endpoint: of the route that was asked, when there is one.
        status: the HTTP status; 0 when the application raised instead of answering.
        headers: in their order, names as sent.
        body: its beginning, decoded; empty for binary content.
        raised: the exception's class when it came out of the WSGI callable.
    """

    purpose: str
    method: str
    url: str
    endpoint: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    raised: str = ""

    def header(self, name: str) -> str:
        """Return a header's value, several joined by a comma, or the empty string."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def cookies(self) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key.lower() == "set-cookie")

    @property
    def is_html(self) -> bool:
        return self.header("Content-Type").startswith(("text/html", "application/xhtml"))

    @property
    def path(self) -> str:
        return "/" + self.url.partition("://")[2].partition("/")[2]

    def __str__(self) -> str:
        return f"{self.method} {self.url} -> {self.status or self.raised}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A dependency as a file of the project names it. ``pin`` is its exact version, when it has one."""

    name: str
    specifier: str
    location: Location
    pin: str = ""
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """What the project's files say without importing anything.

    Parameters:
        requirements: from requirements files and ``pyproject.toml``.
        lock_files: the lock files found, relative to the root.
        requires_python: the declared range; empty when there is none.
        tracked: the files in the version control's index, None when that cannot be told.
        secret_files: files whose names say that they hold secrets, relative to the root.
        settings: where the source sets a configuration key.
        pythons: the versions of Python that the project's files name, and where.
        imported: whether the application is imported too, so that its installed packages are known.
    """

    root: str = ""
    requirements: tuple[Requirement, ...] = ()
    lock_files: tuple[str, ...] = ()
    requires_python: str = ""
    declares_python: str = ""  # the file that could say requires-python, when there is one
    tracked: tuple[str, ...] | None = None
    secret_files: tuple[str, ...] = ()
    settings: dict[str, tuple[Location, ...]] = field(default_factory=dict, hash=False)
    pythons: tuple[tuple[str, Location], ...] = ()
    imported: bool = False


@dataclass(frozen=True, slots=True)
class LiveApp:
    """Everything that was recorded of one application."""

    target: str
    name: str
    root_path: str
    instance_path: str
    python: str
    debug: bool = False
    testing: bool = False
    hooded: bool = False  # Fumehood is installed on it
    config: dict[str, Any] = field(default_factory=dict, hash=False)
    explicit: tuple[str, ...] = ()  # configuration keys whose value is not Flask's default
    packages: dict[str, str] = field(default_factory=dict, hash=False)
    loaded: tuple[str, ...] = ()  # the packages that the application has imported
    extensions: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict, hash=False)  # of extensions and Jinja, by topic
    routes: tuple[Route, ...] = ()
    hooks: tuple[Hook, ...] = ()
    middleware: tuple[Wrapper, ...] = ()
    static_folders: tuple[str, ...] = ()
    exposed_files: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    project: Project = field(default_factory=Project)

    def place(self, *keys: str) -> Location | None:
        """Return where the source sets one of these configuration keys, or None."""
        for key in keys:
            if places := self.project.settings.get(key):
                return places[0]
        return None

    def has(self, *distributions: str) -> bool:
        """Tell whether one of these extensions is in use: registered on the app, whatever else is installed."""
        return any(name in self.extensions for name in distributions)

    def asked(self, purpose: str) -> tuple[Answer, ...]:
        """The answers of one purpose, those that raised left out."""
        return tuple(answer for answer in self.answers if answer.purpose == purpose and answer.status)

    @property
    def pages(self) -> tuple[Answer, ...]:
        """The HTML answers that a visitor over HTTPS sees: pages and the error page."""
        seen = (answer for answer in self.answers if answer.purpose in {"page", "missing"})
        return tuple(answer for answer in seen if answer.is_html and not 300 <= answer.status < 400)

    @property
    def own_routes(self) -> Iterator[Route]:
        """The routes whose views are the project's own code."""
        return (route for route in self.routes if route.view.own)

    @property
    def uses_session(self) -> bool:
        """Whether the application ever keeps something in Flask's session, by its code or by an extension's."""
        if self.has_people or self.has("csrf", "session", "flask_session"):
            return True
        parts: list[Route | Hook] = [*self.own_routes, *self._own_hooks]
        names = {name for part in parts for name in _names(part)}
        return bool(names & {"session", "flash", "generate_csrf"})

    @property
    def _own_hooks(self) -> Iterator[Hook]:
        return (hook for hook in self.hooks if hook.own)

    @property
    def has_people(self) -> bool:
        """Whether somebody can be signed in: a login extension, or a view that keeps somebody in the session."""
        if self.has("flask_login", "login_manager", "security", "flask_security", "appbuilder"):
            return True
        return any("session" in route.view.names for route in self.own_routes) and any(
            is_login(route) for route in self.routes
        )


def _names(part: Route | Hook) -> tuple[str, ...]:
    return part.view.names if isinstance(part, Route) else part.names


def is_login(route: Route) -> bool:
    """Tell whether a route takes a person's credentials: it accepts POST and is named for it."""
    words = {"login", "signin", "sign-in", "sign_in", "log-in", "authenticate"}
    parts = [part for part in route.rule.lower().split("/") if part] + [
        route.endpoint.lower().rpartition(".")[2]
    ]
    return "POST" in route.methods and any(part in words for part in parts)


def to_json(value: Any) -> Any:
    """Turn facts into what ``json`` can write."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    return value


@lru_cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def from_json(kind: Any, value: Any) -> Any:
    """Rebuild facts of a type from what :func:`to_json` made."""
    if value is None or kind is Any:
        return value
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return from_json(next(part for part in arguments if part is not type(None)), value)
    if origin is tuple:
        kinds: Iterable[Any] = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(from_json(part, item) for part, item in zip(kinds, value, strict=True))
    if origin is dict:
        return {key: from_json(arguments[1], item) for key, item in value.items()}
    if dataclasses.is_dataclass(kind):
        hints = _hints(typing.cast("type", kind))
        return kind(**{name: from_json(hints[name], item) for name, item in value.items()})  # type: ignore[operator]
    return value
