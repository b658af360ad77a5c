from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import CodeCheck, Program, Route
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.csrf.exposure import cookie_routes, has_protection
from fumehood.practices.csrf.written import Form, exposed, forms, lax, posting

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

# What another site would want most.
_TELLING = re.compile(
    r"pass(word|wd)|transfer|pay|order|buy|delete|remove|e?mail|mfa|otp|admin|role|account|profile|user",
    re.IGNORECASE,
)


class NoCsrfProtection(Rule, LiveCheck, AttackCheck, CodeCheck):
    """Other sites can act in a visitor's name.

    ## What it finds

    Routes that change something for whoever's session cookie comes along, in an application without CSRF protection: no hood, no `CSRFProtect`, no
    hook that checks, and no Flask-WTF form in the view. In source, each form without a token that is sent to such a route is named, else the view.

    ## Why it is bad

    A page of another site can make its visitor's browser send such a request, with the cookie, and the visitor does not notice.

    ## Example

    ```python
    from flask import Flask, request, session

    app = Flask(__name__)


    @app.post("/login")
    def login():
        session["name"] = request.form["name"]
        return "welcome"


    @app.post("/transfer")
    def transfer():
        return f"{session['name']} gives {request.form['amount']}"
    ```

    ## Use instead

    `Fumehood(app)`, or:

    ```python
    import secrets

    from flask import Flask, request, session
    from flask_wtf import CSRFProtect

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    CSRFProtect(app)


    @app.post("/login")
    def login():
        session["name"] = request.form["name"]
        return "welcome"


    @app.post("/transfer")
    def transfer():
        return f"{session['name']} gives {request.form['amount']}"
    ```

    ## References

    - [CWE-352: Cross-Site Request Forgery](https://cwe.mitre.org/data/definitions/352.html)
    - [OWASP CSRF Prevention Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html)
    """

    id = "FH501"
    name = "no-csrf-protection"
    severity = Severity.HIGH
    cwe = 352
    asvs = ("v5.0.0-3.5.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if has_protection(app):
            return
        routes = list(cookie_routes(app))
        if not routes:
            return
        lax = str(app.details["session"]["samesite"]).lower() in {"lax", "strict"}
        yield self.finding(
            f"{len(routes)} state-changing route{'s' if len(routes) > 1 else ''} can be used from other sites.",
            severity=Severity.MEDIUM if lax else self.severity,
            evidence=tuple(
                Evidence("route", f"{route} ({route.view.name})", {"routes": [route.rule]})
                for route in routes[:12]
            )
            + (
                (
                    Evidence(
                        "setting",
                        "SESSION_COOKIE_SAMESITE keeps most of them out, not those of sibling hosts",
                    ),
                )
                if lax
                else ()
            ),
            fix="Install Fumehood(app), or CSRFProtect(app) of Flask-WTF with {{ csrf_token() }} in each form.",
        )

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        routes = list(exposed(program))
        if not routes:
            return
        found = [form for path, text in program.templates.items() for form in forms(path, text)]
        severity = Severity.LOW if lax(program) else Severity.MEDIUM
        files: dict[str, list[Route]] = {}
        for route in routes:
            files.setdefault(route.location.path, []).append(route)
        for mine in files.values():
            first = next(
                (route for route in mine if _TELLING.search(f"{route.rule} {route.function}")), mine[0]
            )
            more = f" and {len(mine) - 1} more routes here" if len(mine) > 1 else ""
            yield self.finding(
                f"A page of another site can send {first.route}{more} with a visitor's cookie: no token is checked.",
                severity=severity,
                certainty=Certainty.READ,
                location=first.location,
                route=first.route,
                evidence=tuple(_places(mine, first, program, found)),
                fix="Install Fumehood(app), or CSRFProtect(app) of Flask-WTF with {{ csrf_token() }} in each form.",
            )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.forged import forged
        from fumehood.engines.attack.proof import prove

        if not ground.people():
            yield Unknown(self.id, "nobody could be signed in, so no request could be forged in their name")
        taken = list(forged(ground))
        for entry, answer in taken[:1]:
            more = f", and {len(taken) - 1} more routes" if len(taken) > 1 else ""
            yield self.finding(
                f"Another site's page changes state in the name of who is signed in: {entry}{more}.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(entry),
                route=str(entry),
                evidence=prove(
                    answer,
                    "sent from another site, without a token, it changed the database: "
                    + ", ".join(str(item) for item, _ in taken[:20]),
                ),
                fix="Fumehood(app) refuses requests of other sites; or use Flask-WTF's CSRFProtect.",
            )


def _places(
    routes: Sequence[Route], first: Route, program: Program, found: Sequence[Form]
) -> Iterator[Evidence]:
    """The routes of one file that nothing protects, and the forms that send them no token: they are one omission."""
    for route in routes[:12]:
        if route is not first:
            yield Evidence("route", f"also {route.route}, answered by {route.function} in {route.location}")
        for form in posting(route, program, found):
            if not form.token:
                yield Evidence("code", f"{form.location} sends {route.route} no token")
