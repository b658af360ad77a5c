"""Reads from a program's source who may come to a route: by its decorators, by hooks before it, by what its view asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fumehood.engines.code import Program, Route

__all__ = [
    "authenticates",
    "guards",
    "is_authentication_route",
    "knows_people",
    "login_routes",
    "named_after_people",
    "remembered",
    "reserved",
]


def remembered(pattern: str, flags: re.RegexFlag = re.IGNORECASE) -> Callable[[str], bool]:
    """Return a function that tells whether a name has this pattern in it; the names of a program recur thousands of times."""
    compiled = re.compile(pattern, flags)
    return lru_cache(maxsize=50_000)(lambda name: compiled.search(name) is not None)


# What a decorator that lets only known people through is called.
_DECORATOR = remembered(
    r"(login|log_in|auth|authenticated|signed_?in|token|jwt|api_?key|session|user|admin|role|roles|permission|permissions|perm|access|staff|superuser|member|owner|"
    r"verified|credential)s?\w*_?(required|needed|only|check|protected|accepted)\b|(^|\.)(require|requires|required|needs?|check|ensure|protect|protected|restricted|secure|secured|allow|permit|"
    r"has_role|has_permission|has_access|has_access_api|auth|authenticate|authenticated|authorize|authorized|authenticated_only|login)(_\w+)?$|jwt_required|login_required|roles_accepted|fresh_login",
)
# What a view or a hook that knows the person is written with.
_IDENTITY = remembered(
    r"(^|\.)(current_user|current_person|current_account|current_identity|logged_in_user|get_jwt_identity|verify_jwt_in_request|jwt_required|login_manager|is_authenticated|"
    r"authenticate\w*|authorized?|authorization|is_logged_in|is_admin|check_auth\w*|verify_token|validate_token|token_validator|decode_(auth_)?token|check_password_hash|verify_password|"
    r"get_current_user|current_(permissions|roles|access)|require_\w+|login_required)$|^g\.(user|session|person|account|identity|current_\w+|username|user_id|uid)$|^(flask\.)?session(\.|$)|^auth\.current_user|"
    # A key that only those have who were given it.
    r"(^|\.)config\[\w*(API_?(KEY|SECRET|TOKEN)|(SECRET|TOKEN)_API|AUTH_TOKEN|SHARED_SECRET|WEBHOOK_\w+)\]$",
)
_PRIVILEGED = remembered(
    r"admin|staff|superuser|role|permission|perm_|moderator|manager|operator|has_access|allow|permit|policy|owner|can_|authoriz",
)
_TOKENS = remembered(
    r"jwt\.decode|jose\.jwt\.decode|itsdangerous\.\w+\.loads|flask_httpauth\.|flask_jwt_extended\.|flask_login\.current_user|flask_security\.",
    re.NOFLAG,
)
_OF_SESSION = re.compile(r"(?<![\w.])(flask\.)?session(\[|\.get\()")
_LAST: list[tuple[Program, frozenset[str]]] = []  # each route of a program asks the same
_OTHER_USES = re.compile(r"lang|locale|theme|time|cart|basket|csrf|nonce|message|colou?r", re.IGNORECASE)
_LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|auth(enticate)?$|session|token", re.IGNORECASE)
_OPEN = remembered(
    r"log[-_]?in|sign[-_]?(in|up)|register|signup|(create|add|new)[-_]?(user|account)|forgot|reset|confirm|verify|activat(e|ion)|password-?less|magic[-_]?link|resend|accept[-_]invit|recover|oauth|callback|webhook|health|static|captcha|unsubscribe|subscribe|contact|(^|[/_ .-])(setup|install|installer|first[-_]?run|onboarding)\b",
)
_PASSWORD = re.compile(r"(^|[\[._])(pass(word|wd|phrase)?|pwd)(\]|$)", re.IGNORECASE)


def authenticates(route: Route, program: Program | None = None) -> bool:
    """Tell whether a route asks who the visitor is: itself, by a decorator, or by a hook that runs before it."""
    return _asks(route) or (
        program is not None
        and (not route.names.isdisjoint(_loaded(program)) or next(guards(route, program), None) is not None)
    )


def _loaded(program: Program) -> frozenset[str]:
    """What hooks keep of the session for the views, whatever it is called: ``g.me = Member.query.get(session["me"])``."""
    if _LAST and _LAST[0][0] is program:
        return _LAST[0][1]
    before = {(one.location.path, one.location.line) for one in program.hooks if one.hook == "before_request"}
    kept = frozenset(
        target
        for one in program.functions
        if (one.location.path, one.location.line) in before
        for target, _, value, _ in one.changes
        if target.startswith("g.") and _OF_SESSION.search(value) and not _OTHER_USES.search(target)
    )
    _LAST[:] = [(program, kept)]
    return kept


def guards(route: Route, program: Program) -> Iterator[Route]:
    """Return the hooks before a route that ask who the visitor is."""
    return (hook for hook in program.hooks if _guards(hook, route))


def reserved(route: Route, program: Program) -> bool:
    """Tell whether more is asked of who comes to a route than to be known: a role or a right, by a decorator or a hook before it."""
    return any(_PRIVILEGED(name) for name in route.decorators + route.wrappers) or any(
        _PRIVILEGED(name) for hook in guards(route, program) for name in (hook.function, *hook.decorators)
    )


@lru_cache(maxsize=20_000)  # several rules ask the same of each route
def _asks(route: Route) -> bool:
    return (
        any(_DECORATOR(name) for name in route.decorators + route.wrappers)
        or any(_IDENTITY(name) for name in route.names)
        or any(_TOKENS(name) for name in route.calls)
        or not route.reads.isdisjoint(("flask.request.headers[Authorization]", "flask.request.authorization"))
    )


def _guards(hook: Route, route: Route) -> bool:
    """A before_request hook that asks for the person and can turn a request away."""
    if hook.hook not in ("before_request", "url_value_preprocessor") or not authenticates(hook):
        return False
    turns_away = (
        any(name in {"flask.abort", "flask.redirect", "werkzeug.exceptions.abort"} for name in hook.calls)
        or any(name in {"Unauthorized", "Forbidden", "abort", "redirect"} for name in hook.names)
        or any(name.startswith("raise ") for name in hook.names)
    )
    by_decorator = any(_DECORATOR(name) for name in hook.decorators + hook.wrappers)
    return (turns_away or by_decorator) and _runs_before(hook, route)


def _runs_before(hook: Route, route: Route) -> bool:
    """Whether a hook is the whole application's, or of the blueprint that the route is on."""
    blueprints_own = (
        hook.receiver.endswith((".before_request", ".url_value_preprocessor"))
        and "Blueprint" in hook.receiver
    )
    return not blueprints_own or route.owner in hook.owners


def knows_people(program: Program) -> bool:
    """Tell whether a program has accounts at all: only then is a route without them an omission."""
    return any(authenticates(route, program) or is_authentication_route(route) for route in program.routes)


def is_authentication_route(route: Route) -> bool:
    """Tell whether a route is one that people who are not known yet must reach: login, sign-up, reset."""
    return _OPEN(f"{route.rule} {route.function}")


def login_routes(program: Program) -> Sequence[Route]:
    """Return the routes that take a password and judge it."""
    found = []
    for route in program.routes:
        reads_password = any(_PASSWORD.search(name) for name in route.reads) or any(
            _PASSWORD.fullmatch(text) for text in route.strings
        )
        if reads_password and route.changes and _LOGIN.search(f"{route.rule} {route.function}"):
            found.append(route)
    return found


def named_after_people(name: str) -> bool:
    """Tell whether a parameter or column names a person: ``user_id``, ``owner``, ``username``."""
    return (
        re.search(
            r"(^|_)(user|owner|account|customer|member|person|author|employee|patient|profile)(_?(id|name))?$|^(uid|username|userid|cust_id)$",
            name,
            re.IGNORECASE,
        )
        is not None
    )
