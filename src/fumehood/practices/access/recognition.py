"""Recognises what guards a route, in any style: a decorator, a hook, a check in the view, the hood's declaration."""

from __future__ import annotations

import re

from fumehood.engines.live.facts import LiveApp, Route, Wrapper

__all__ = ["is_entrance", "is_guarded"]

# Names that code uses when it asks who is there, or turns somebody away.
_ASKS = frozenset(
    {
        *(
            "current_user",
            "is_authenticated",
            "is_admin",
            "has_role",
            "has_permission",
            "current_person",
            "unauthorized",
            "Unauthorized",
        ),
        *(
            "Forbidden",
            "login_manager",
            "verify_jwt_in_request",
            "get_jwt_identity",
            "authorization",
            "check_permission",
            "login_required",
        ),
    }
)
_TURNS_AWAY = frozenset(
    {"abort", "redirect", "make_response", "jsonify", "unauthorized", "Unauthorized", "Forbidden"}
)
_KNOWS = frozenset({"session", "g", "cookies", "headers", "user", "authorization"})
_NAMED = re.compile(
    r"login|logged|auth|permi|role|require|admin|protect|restrict|fresh|jwt|token|acl|allow|guard|owner|member|signed|secure|scope",
    re.IGNORECASE,
)
# Routes that are for people who are not signed in.
_ENTRANCE = re.compile(
    r"log-?_?in|log-?_?out|sign-?_?in|sign-?_?up|sign-?_?out|register|registration|reset|forgot|forget|confirm|verify|activate|invit|oauth|"
    r"callback|webhook|hook|health|contact|feedback|search|lang|locale|theme|csp|report|token|recover|unsubscribe|newsletter|auth|setup|"
    r"install|join|consent|cookie|donate|checkout",
    re.IGNORECASE,
)


def is_guarded(route: Route, app: LiveApp) -> bool:
    """Tell whether something asks who is there before, or in, the view."""
    if route.view.access and route.view.access != "public":
        return True
    if any(map(_may_refuse, route.view.wrappers)) or _checks(route.view.names):
        return True
    return any(
        hook.kind == "before_request"
        and (
            not hook.blueprint
            or hook.blueprint == route.blueprint
            or route.blueprint.startswith(hook.blueprint + ".")
        )
        and _checks(hook.names)
        and set(hook.names) & _TURNS_AWAY
        for hook in app.hooks
    )


def is_entrance(route: Route) -> bool:
    """Tell whether a route is meant for people who are not signed in, or makes an account."""
    last = route.rule.rstrip("/").rpartition("/")[2].lower()
    return bool(_ENTRANCE.search(route.rule) or _ENTRANCE.search(route.endpoint)) or (
        last in {"users", "accounts", "sessions", "customers"} and route.unsafe_methods == ("POST",)
    )


def _may_refuse(wrapper: Wrapper) -> bool:
    if _NAMED.search(wrapper.name):
        return True
    return _checks(wrapper.names) and bool(set(wrapper.names) & _TURNS_AWAY)


def _checks(names: tuple[str, ...]) -> bool:
    found = set(names)
    return bool(found & _ASKS) or bool(
        found & _KNOWS and found & {"abort", "unauthorized", "Forbidden", "Unauthorized"}
    )
