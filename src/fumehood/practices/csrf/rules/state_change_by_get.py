from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.code import Route as WrittenRoute
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.engines.live.facts import Route
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.csrf.written import adding, changing, checked, destroying

# Only who was sent such an address knows it.
_TOKEN = re.compile(r"<[^>]*token[^>]*>", re.IGNORECASE)
_KEY = re.compile(r"(\w+[_-])?(token|api_?key|signature|sig)", re.IGNORECASE)


class StateChangeByGet(Rule, LiveCheck, CodeCheck):
    """A link changes something.

    ## What it finds

    Routes for GET that are named for a change (`delete`, `remove`, `approve` ...) and whose code writes: it commits, deletes, sends; whatever they are called, as a suspicion, those that remove
    rows or folders, stop the server, or do nothing else than to add a row of what the address says and to send the visitor on. A route that checks a token is none of them.
    `logout` by GET is reported as information.

    ## Why it is bad

    Every page can make a visitor's browser follow a link: an image tag is enough. Crawlers, previews and prefetching follow links too. CSRF protection
    does not look at GET.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    NOTES = {1: "milk", 2: "bread"}


    @app.get("/notes/<int:number>/delete")
    def delete(number):
        NOTES.pop(number, None)
        return "gone"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    NOTES = {1: "milk", 2: "bread"}


    @app.post("/notes/<int:number>/delete")
    def delete(number):
        NOTES.pop(number, None)
        return "gone"
    ```

    ## References

    - [RFC 9110, section 9.2.1: safe methods](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1)
    - [CWE-352: Cross-Site Request Forgery](https://cwe.mitre.org/data/definitions/352.html)
    """

    id = "FH504"
    name = "state-change-by-get"
    severity = Severity.MEDIUM
    cwe = 352
    asvs = ("v5.0.0-3.5.3",)

    _NAMED = re.compile(
        r"(^|[/_.-])(delete|remove|destroy|purge|reset|clear|approve|reject|ban|unban|activate|deactivate|disable|enable|cancel|"
        r"revoke|follow|unfollow|like|vote|toggle|promote|demote|archive|publish)([/_.-]|$)",
        re.IGNORECASE,
    )
    _LEAVING = re.compile(r"log-?_?out|log-?_?off|sign-?_?out|(^|[/_])exit\b", re.IGNORECASE)
    _WRITES = frozenset(
        {
            "commit",
            "delete",
            "execute",
            "delete_one",
            "delete_many",
            "update_one",
            "unlink",
            "rmtree",
            "remove",
            "pop",
            "save",
            "delete_instance",
        }
    )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        posted = {route.rule for route in app.routes if "POST" in route.methods}
        for route in app.own_routes:
            if "GET" not in route.methods or route.rule in posted or _TOKEN.search(route.rule):
                continue
            names = set(route.view.names)
            ends = names & {"logout_user"} or ("session" in names and names & {"clear", "pop"})
            if re.search(r"log-?_?out|sign-?_?out", f"{route.rule} {route.endpoint}", re.IGNORECASE):
                if ends:
                    yield self._finding(route, Severity.INFO, f"A link to {route.rule} logs the visitor out.")
            elif (
                self._NAMED.search(route.rule) or self._NAMED.search(route.view.name)
            ) and names & self._WRITES:
                yield self._finding(route, self.severity, f"A link to {route.rule} changes something.")

    def _finding(self, route: Route, severity: Severity, message: str) -> Finding:
        return self.finding(
            message,
            severity=severity,
            location=route.view.location,
            route=f"GET {route.rule}",
            evidence=(Evidence("route", f"{route} is answered by {route.view.module}.{route.view.name}"),),
            fix="Take it by POST, from a form with a button.",
        )

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        posted = {(route.rule, route.location.path) for route in program.routes if "POST" in route.methods}
        for route in program.routes:
            if (
                "GET" not in route.methods
                or "POST" in route.methods
                or (route.rule, route.location.path) in posted
                or _TOKEN.search(route.rule)
            ):
                continue
            view = route.function.rpartition(".")[2]
            named = self._NAMED.search(route.rule) or self._NAMED.search(view)
            if checked(route) or _by_key(route):
                continue
            if (named and changing(route)) or destroying(route) or adding(route):
                yield self.finding(
                    f"A link to {route.rule or view} changes something.",
                    certainty=Certainty.READ if named else Certainty.SUSPECTED,
                    location=route.location,
                    route=route.route,
                    fix="Take it by POST, from a form with a button.",
                )
            elif self._LEAVING.search(f"{route.rule} {view}") and _ends_session(route):
                yield self.finding(
                    f"A link to {route.rule or view} logs the visitor out.",
                    severity=Severity.INFO,
                    certainty=Certainty.READ,
                    location=route.location,
                    route=route.route,
                    fix="Take it by POST, from a form with a button.",
                )


def _ends_session(route: WrittenRoute) -> bool:
    return bool(route.names & {"logout_user", "session.clear"}) or any(
        call.rpartition(".")[2] in ("logout_user", "logout") or call == "flask.session.clear"
        for call in route.calls
    )


def _by_key(route: WrittenRoute) -> bool:
    """Whether it asks for a key or a signature in the address, which no other site knows."""
    return "flask.request.args" in route.reads and any(_KEY.fullmatch(text) for text in route.strings)
