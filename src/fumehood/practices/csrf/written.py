"""CSRF as it is written: which routes change something for a cookie's owner, and which forms send them no token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fumehood.engines.code.checks import Program, Route
from fumehood.findings import Location

__all__ = ["Form", "adding", "changing", "checked", "destroying", "exposed", "forms", "lax", "posting"]

_TOKEN: Final = re.compile(r"csrf|xsrf|hidden_tag|anti_?forgery|authenticity_token", re.IGNORECASE)
_MADE: Final = re.compile(r"\b(render_form|quick_form|wtf\.|form_macro)", re.IGNORECASE)
_FORM: Final = re.compile(
    r"<form\b((?:\{\{.*?\}\}|\{%.*?%\}|\"[^\"]*\"|'[^']*'|[^>])*)>(.*?)(?=</form|<form\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_METHOD: Final = re.compile(r"\bmethod\s*=\s*['\"]?\s*(post|put|patch|delete)", re.IGNORECASE)
_ACTION: Final = re.compile(
    r"\baction\s*=\s*(\"[^\"]*\"|'(?:\{\{.*?\}\}|[^'])*'|[^\s>]+)", re.IGNORECASE | re.DOTALL
)
_URL_FOR: Final = re.compile(r"url_for\(\s*['\"]([\w.:-]+)['\"]")
_PARTS: Final = re.compile(r"\{%-?\s*(?:include|extends|import|from)\s+['\"]([^'\"]+)['\"]")
_COMMENT: Final = re.compile(r"\{#.*?#\}|<!--.*?-->", re.DOTALL)

# What tells that something is kept.
_CHANGES: Final = frozenset(
    [
        "commit",
        "executemany",
        "executescript",
        "insert_one",
        "insert_many",
        "update_one",
        "update_many",
        "replace_one",
        "delete_one",
        "delete_many",
        "bulk_create",
        "delete_instance",
        "save",
        "unlink",
        "rmtree",
        "remove",
        "rmdir",
        "write_text",
        "write_bytes",
        "makedirs",
        "set_password",
    ]
)
_CHANGING_SQL: Final = re.compile(
    r"^\s*(insert\s+into|update\s+\S+\s+set|delete\s+from|replace\s+into)\b", re.IGNORECASE
)
# Credentials that a page of another site cannot make a browser send.
_BY_HEADER: Final = ("flask_httpauth.HTTPTokenAuth", "flask_jwt_extended.", "flask_jwt.", "authlib.")
_REMOVALS: Final = frozenset(["delete_one", "delete_many", "delete_instance", "rmtree"])
_ENDINGS: Final = frozenset(
    [
        "stop",
        "shutdown",
        "restart",
        "kill",
        "terminate",
        "exit",
        "_exit",
        "system",
        "Popen",
        "execv",
        "reboot",
    ]
)
_ENDING_NAME: Final = re.compile(r"shut_?down|restart|reboot|power_?off|kill|terminate", re.IGNORECASE)
_PEOPLE: Final = re.compile(r"^(g\.\w+|current_user(\.\w+)*|flask_login\.\w+|session(\.get|\.\w*user\w*)?)$")
# A name that is asked for rows is a database's session, which no browser brings along.
_DATABASE: Final = re.compile(
    r"^session\.(query|add|add_all|commit|execute|delete|flush|merge|scalars?|rollback|refresh|expunge)$"
)
_ENTRANCE: Final = re.compile(
    r"log_?in|sign_?in|sign_?up|register|log_?out|sign_?out|authenticate", re.IGNORECASE
)

# What is followed from elsewhere by design: from a mail, an invitation, a provider of identities.
_ARRIVAL: Final = re.compile(
    r"log_?in|sign_?(in|up)|regist|auth|callback|confirm|verif|activat|invit|join|accept|token|subscribe|track|click",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Form:
    """A ``<form>`` that changes something.

    Parameters:
        location: its first line, in the template.
        action: the address or the endpoint that it names; "" for the page's own.
        endpoint: whether ``action`` is an endpoint.
        token: whether a field of it looks like a token.
    """

    location: Location
    action: str
    endpoint: bool
    token: bool


def forms(path: str, text: str) -> Iterator[Form]:
    """Yield the forms of a template that are sent by another method than GET."""
    plain = _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    lines = text.splitlines()
    for match in _FORM.finditer(plain):
        if not _METHOD.search(match[1]):
            continue
        line = plain.count("\n", 0, match.start()) + 1
        column = match.start() - (plain.rfind("\n", 0, match.start()) + 1) + 1
        given = _ACTION.search(match[1])
        action = given[1].strip("\"' ") if given else ""
        named = _URL_FOR.search(action)
        token = bool(_TOKEN.search(match[2]) or _MADE.search(match[2]))
        place = Location(path, line, column, code=lines[line - 1].strip())
        yield Form(place, named[1] if named else action, bool(named), token)


def exposed(program: Program) -> Iterator[Route]:
    """Yield the routes that change something for whoever's cookie comes along, and that nothing protects.

    Only POST: another site's page can send PUT, PATCH and DELETE only where CORS lets it.
    """
    apps = _folders(
        program.calls,
        lambda name: name.endswith(("flask.Flask", "flask_openapi3.OpenAPI", "apiflask.APIFlask")),
    )
    guards = {_app_of(path, apps) for path in _protections(program)}
    before = [hook for hook in program.hooks if hook.hook == "before_request"]
    by_cookie = any(_cookie(hook) for hook in before)
    closed = any(_refuses(hook) for hook in before)
    seen: set[Location] = set()
    for route in program.routes:
        if "POST" not in route.methods or route.location in seen or checked(route) or not changing(route):
            continue
        app = _app_of(route.location.path, apps)
        if any(guard == app or not guard or not app or app.startswith(guard + "/") for guard in guards):
            continue
        if _known_by_cookie(route, by_cookie, closed):
            seen.add(route.location)
            yield route


def _folders(calls: Mapping[str, Sequence[Location]], wanted: Callable[[str], bool]) -> set[str]:
    return {
        place.path.rpartition("/")[0] for name, places in calls.items() if wanted(name) for place in places
    }


def _app_of(path: str, apps: set[str]) -> str:
    """Return the folder of the application that a file belongs to, "" when it is not clear."""
    return max((app for app in apps if app and path.startswith(app + "/")), key=len, default="")


def _protections(program: Program) -> Iterator[str]:
    """Yield the files that protect every request: an extension, or a hook of the program's own."""
    for name, places in program.calls.items():
        last = name.lower()
        if (
            "csrfprotect" in last
            or "seasurf" in last
            or last.startswith("fumehood.fumehood")
            or last.endswith("flask_wtf.csrf.validate_csrf")
        ):
            yield from (place.path for place in places)
    for hook in program.hooks:
        if hook.hook == "before_request" and checked(hook):
            yield hook.location.path


def checked(route: Route) -> bool:
    """Whether it looks for a token, or for where the request comes from."""
    words = (*route.names, *route.calls, *route.reads, *route.strings, *route.decorators, route.function)
    if any("csrf" in word.lower() or "xsrf" in word.lower() for word in words):
        return True
    if any(
        word.rpartition(".")[2] == "validate_on_submit" or word.startswith("flask_wtf.")
        for word in route.calls
    ):
        return True
    if "state" in route.strings and any(text.endswith("_state") for text in route.strings):
        return True  # what an OAuth provider hands back is compared with what the session says was sent to it
    lowered = {word.lower() for word in (*route.strings, *route.names)}
    return bool(lowered & {"referer", "origin", "sec-fetch-site", "request.referrer", "request.origin"})


def changing(route: Route) -> bool:
    """Whether it keeps, changes or removes something, as far as the names of what it calls and its SQL tell."""
    return any(call.rpartition(".")[2] in _CHANGES for call in route.calls) or any(
        _CHANGING_SQL.match(text) for text in route.strings
    )


def destroying(route: Route) -> bool:
    """Whether it removes something for good, or ends a program, as far as the names of what it calls tell."""
    last = {call.rpartition(".")[2] for call in route.calls}
    removed = bool(last & _REMOVALS) or (
        "delete" in last and bool(last & {"commit", "session_commit", "flush"})
    )
    # The program's own method may be what stops it.
    named = last | {name.rpartition(".")[2] for name in route.names}
    return removed or bool(named & _ENDINGS and _ENDING_NAME.search(f"{route.function} {route.rule}"))


def adding(route: Route) -> bool:
    """Whether all that it does is to add a row of what its address says and to send the visitor on to another page of the program."""
    last = {call.rpartition(".")[2] for call in route.calls}
    return (
        "<" in route.rule
        and {"add", "commit", "redirect", "url_for"} <= last
        and not last & {"render_template", "send_file", "jsonify"}
        and not _ARRIVAL.search(f"{route.function} {route.rule}")
    )


def _cookie(route: Route) -> bool:
    return any(read.startswith(("flask.request.cookies", "flask.session")) for read in route.reads) or any(
        name.startswith(("request.cookies", "session")) for name in _visitors(route)
    )


def _visitors(route: Route) -> Sequence[str]:
    """Return the names that it uses, without ``session`` where that is a database's."""
    if any(_DATABASE.match(name) for name in route.names):
        return [name for name in route.names if not name.startswith("session")]
    return list(route.names)


def _refuses(hook: Route) -> bool:
    """Whether a hook lets nobody in but who is signed in."""
    known = _cookie(hook) or any(name.startswith("current_user") for name in hook.names)
    return known and any(
        call.rpartition(".")[2] in ("redirect", "abort", "unauthorized") for call in hook.calls
    )


def _known_by_cookie(route: Route, hooked: bool, closed: bool) -> bool:
    if any(name.startswith(_BY_HEADER) for name in (*route.decorators, *route.calls)):
        return False
    cookie = any(read.startswith(("flask.request.cookies", "flask.session[")) for read in route.reads)
    cookie = cookie or any(name.startswith("request.cookies") for name in route.names)
    header = any(
        read.startswith(("flask.request.headers", "flask.request.authorization")) for read in route.reads
    )
    if header and not cookie:
        return False
    body = {
        read.partition("[")[0].rpartition(".")[2] for read in route.reads if read.startswith("flask.request.")
    }
    if body & {"get_json", "json"} and not body & {"form", "values", "files", "data", "get_data"}:
        return False  # JSON alone: browsers ask the application first before another site may send it
    if _ENTRANCE.search(f"{route.function} {route.rule}"):
        return False  # nobody is known yet
    ends = {"session.pop", "session.clear"} & route.names  # then the bare name says nothing
    names = [name for name in _visitors(route) if _PEOPLE.match(name) and not (ends and name == "session")]
    signed = any(
        name.startswith(("flask_login.", "flask_security.", "flask_user."))
        for name in (*route.decorators, *route.calls)
    )
    signed = signed or any(
        re.search(r"login|sign.?in|auth.*required|required.*auth", name, re.IGNORECASE)
        for name in route.decorators
    )
    own = cookie or signed or any(name.startswith(("session", "current_user")) for name in names)
    return own or closed or (hooked and any(name.startswith("g.") for name in names))


def posting(route: Route, program: Program, found: Sequence[Form]) -> list[Form]:
    """Return the forms that are sent to a route."""
    shown = _shown(program, route)
    view = route.function.rpartition(".")[2]
    result = []
    for form in found:
        if form.endpoint:
            hit = form.action.rpartition(".")[2] in (view, route.function)
        elif form.action in ("", "#", ".") or form.action.startswith("?") or "request." in form.action:
            hit = form.location.path in shown
        else:
            hit = _same(form.action, route.rule)
        if hit and _app_shared(form.location.path, route.location.path):
            result.append(form)
    return result


def _app_shared(template: str, module: str) -> bool:
    """Whether the template is in a folder of the module's application: the folder above ``templates`` holds the module, or any."""
    folder = template.rpartition("templates/")[0].rstrip("/")
    return (
        not folder
        or module.startswith(folder + "/")
        or folder.startswith(module.rpartition("/")[0])
        or "/" not in folder == "/" in module
    )


def _shown(program: Program, route: Route) -> set[str]:
    """Return the files of the templates that the page of a route is made of: those of its views, with what they include."""
    views = [
        one
        for one in program.routes
        if (one.rule == route.rule and "/" in one.rule) or one.location == route.location
    ]
    todo = [name for one in views for name in one.templates]
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        for path, text in program.templates.items():
            if (path == name or path.endswith("/" + name)) and path not in seen:
                seen.add(path)
                todo += _PARTS.findall(text)
    return seen


def _same(action: str, rule: str) -> bool:
    """Whether an address may be one of a rule: ``/delete/{{ note.id }}`` of ``/delete/<int:id>``."""
    if "{%" in action or not rule:
        return False
    pieces = re.split(r"<[^>]*>", rule)
    known = re.sub(r"\{\{.*?\}\}", "\0", action.partition("?")[0]).rstrip("/")
    return (
        re.fullmatch("[^/]+".join(re.escape(piece) for piece in pieces).rstrip("/") + "/?", known or "/")
        is not None
    )


def lax(program: Program) -> bool:
    """Whether the session cookie stays away from other sites' forms, as set in the configuration."""
    values = [value for value, _ in program.settings.get("SESSION_COOKIE_SAMESITE", ())]
    return bool(values) and all(str(value).lower() in {"lax", "strict"} for value in values)
