"""What each route demands: the declarations, read once per endpoint."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from fumehood.practices.access.declarations import ATTRIBUTE, PUBLIC, Declaration

__all__ = ["SECURITY_VIEWS", "Policy", "declared", "hidden", "policy_of"]

# Flask-Security's views that somebody who is not signed in needs; its others are for anybody signed in.
SECURITY_VIEWS = frozenset(
    {
        "login", "logout", "register", "forgot_password", "reset_password", "send_confirmation", "confirm_email",
        "send_login", "token_login", "recover_username", "change_email_confirm", "static",
        "two_factor_token_validation", "two_factor_select", "two_factor_rescue", "mf_recovery",
        "us_signin", "us_signin_send_code", "us_verify_link", "wan_signin", "wan_signin_response",
        "oauthstart", "oauthresponse", "refresh_token",
    }
)  # fmt: skip

Marks = tuple[Declaration, ...]


class Policy:
    """What one endpoint demands, for each method; no marks means that nothing is declared."""

    __slots__ = ("_by_method", "marks")

    def __init__(self, marks: Marks, by_method: dict[str, Marks] | None = None) -> None:
        self.marks = marks
        self._by_method = by_method or {}

    def for_method(self, method: str) -> Marks:
        """Return the marks for a request's method; HEAD is answered by GET's view."""
        if not self._by_method:
            return self.marks
        if method == "HEAD" and "HEAD" not in self._by_method:
            method = "GET"
        return self._by_method.get(method, self.marks)

    @property
    def public(self) -> bool:
        """Whether every method, named here or not, is open to everybody."""
        return all(marks == (PUBLIC,) for marks in (self.marks, *self._by_method.values()))


def policy_of(app: Flask, endpoint: str, patterns: Iterable[tuple[str, Declaration]]) -> Policy:
    """Read what an endpoint demands.

    The most specific declaration counts: a method of a view class, its class, the view function, then ``hood.declare`` patterns,
    the last declared first.
    """
    view = app.view_functions.get(endpoint)
    if view is None or _is_static(app, endpoint):
        return Policy((PUBLIC,))
    marks = _marks(view)
    by_method: dict[str, Marks] = {}
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        marks = getattr(view_class, ATTRIBUTE, ()) or marks
        for method in getattr(view_class, "methods", None) or ():
            own = _marks(getattr(view_class, method.lower(), None))
            if own:
                by_method[method] = own
    if not marks:
        marks = _by_pattern(endpoint, patterns) or _of_security(app, endpoint)
    return Policy(marks, by_method)


def declared(app: Flask, endpoint: str, patterns: Iterable[tuple[str, Declaration]]) -> dict[str, Marks]:
    """Return the marks of each method of an endpoint, for listings."""
    patterns = tuple(patterns)
    policy = policy_of(app, endpoint, patterns)
    methods = {
        method
        for rule in app.url_map.iter_rules(endpoint)
        for method in rule.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    }
    return {method: policy.for_method(method) for method in sorted(methods)}


def hidden(view: Callable[..., Any]) -> bool:
    """Tell whether a declaration lies beneath a decorator that does not use ``functools.wraps``, where nobody sees it."""
    seen: set[int] = set()
    look: list[Any] = [view]
    while look and len(seen) < 50:
        function = look.pop()
        if id(function) in seen:
            continue
        seen.add(id(function))
        if _marks(function):
            return True
        for cell in getattr(function, "__closure__", None) or ():
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            if callable(content):
                look.append(content)
    return False


def _marks(view: Any) -> Marks:
    marks: Marks = getattr(view, ATTRIBUTE, ()) if view is not None else ()
    return marks


def _by_pattern(endpoint: str, patterns: Iterable[tuple[str, Declaration]]) -> Marks:
    for pattern, declaration in reversed(tuple(patterns)):
        if fnmatch.fnmatchcase(endpoint, pattern):
            return (declaration,)
    return ()


def _is_static(app: Flask, endpoint: str) -> bool:
    if endpoint == "static":
        return bool(app.has_static_folder)
    blueprint, dot, last = endpoint.rpartition(".")
    return (
        bool(dot)
        and last == "static"
        and blueprint in app.blueprints
        and app.blueprints[blueprint].has_static_folder
    )


def _of_security(app: Flask, endpoint: str) -> Marks:
    blueprint, _, view = endpoint.rpartition(".")
    security = app.extensions.get("security")
    if security is None or blueprint != app.config.get("SECURITY_BLUEPRINT_NAME", "security"):
        return ()
    function = app.view_functions[endpoint]
    if not function.__module__.startswith("flask_security."):
        return ()
    return (PUBLIC,) if view in SECURITY_VIEWS else (Declaration("allow"),)
