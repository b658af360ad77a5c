"""Which routes a cross-site request could use: those that change something for whoever's cookie comes along."""

from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live.facts import LiveApp, Route

__all__ = ["cookie_routes", "has_protection"]

# What tells that a view, its decorators or its hooks know the visitor by the cookie.
_BY_COOKIE = frozenset(
    {"session", "current_user", "login_user", "g", "cookies", "flash", "current_person", "get_current_user"}
)
# Credentials that a page of another site cannot make a browser send.
_BY_HEADER = ("flask_httpauth", "flask_jwt_extended", "flask_jwt", "authlib")


def has_protection(app: LiveApp) -> bool:
    """Tell whether something checks every state-changing request: the hood, an extension, or a hook of the project's own."""
    if app.hooded or app.has("csrf", "seasurf", "flask_seasurf"):
        return True
    return any(
        hook.kind == "before_request"
        and (
            set(hook.names) & {"csrf", "protect", "validate_csrf", "csrf_token", "check_csrf"}
            or "csrf" in hook.name.lower()
        )
        for hook in app.hooks
    )


def cookie_routes(app: LiveApp) -> Iterator[Route]:
    """The project's own state-changing routes that know the visitor by a cookie and check no token by themselves."""
    if not app.has_people:
        return
    for route in app.own_routes:
        if not route.changes_state or route.view.forms:
            continue
        if any(
            wrapper.module.startswith(_BY_HEADER) or "csrf" in wrapper.name.lower()
            for wrapper in route.view.wrappers
        ):
            continue
        names = set(route.view.names).union(*(wrapper.names for wrapper in route.view.wrappers))
        if names & {"validate_csrf", "csrf_token", "validate_on_submit", "verify_jwt_in_request"}:
            continue
        if names & {"get_json", "json"} and not names & {
            "form",
            "values",
            "files",
            "data",
            "get_data",
            "session",
            "login_user",
        }:
            continue  # JSON alone: browsers ask the application first before another site may send it
        if names & _BY_COOKIE:
            yield route
