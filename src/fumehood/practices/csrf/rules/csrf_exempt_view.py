from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.code import Route as WrittenRoute
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown


class CsrfExemptView(Rule, LiveCheck, CodeCheck):
    """A view is exempt from CSRF protection.

    ## What it finds

    Views and blueprints that were given to Flask-WTF's `csrf.exempt` and that know the visitor by the session.

    ## Why it is bad

    An exemption is right for an API with tokens and for webhooks. Where the session decides, other sites can use the route.

    ## Example

    ```python
    import secrets

    from flask import Flask, session
    from flask_wtf import CSRFProtect

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    csrf = CSRFProtect(app)


    @app.post("/delete-account")
    @csrf.exempt
    def delete_account():
        return f"{session['name']} is gone"
    ```

    ## Use instead

    The token in the form, or in the `X-CSRFToken` header of `fetch`:

    ```python
    import secrets

    from flask import Flask, session
    from flask_wtf import CSRFProtect

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    csrf = CSRFProtect(app)


    @app.post("/delete-account")
    def delete_account():
        return f"{session['name']} is gone"
    ```

    ## References

    - [Flask-WTF: exclude views from protection](https://flask-wtf.readthedocs.io/en/latest/csrf/#exclude-views-from-protection)
    - [CWE-352: Cross-Site Request Forgery](https://cwe.mitre.org/data/definitions/352.html)
    """

    id = "FH502"
    name = "csrf-exempt-view"
    severity = Severity.MEDIUM
    cwe = 352
    asvs = ("v5.0.0-3.5.1",)

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        files: dict[str, list[WrittenRoute]] = {}
        for route in program.routes:
            if _exempt(route):
                files.setdefault(route.location.path, []).append(route)
        for first, *others in files.values():
            more = f", and so are {len(others)} more here" if others else ""
            yield self.flaw(
                first,
                f"{first.function} is exempt from CSRF protection, and goes by the session{more}.",
                certainty=Certainty.READ,
                fix="Take the exemption away and send the token along.",
                evidence=tuple(
                    Evidence("route", f"also {one.route}, answered by {one.function} in {one.location}")
                    for one in others[:12]
                ),
            )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        details = app.details.get("csrf")
        if details is None or app.hooded:
            return
        exempt, blueprints = set(details["exempt_views"]), set(details["exempt_blueprints"])
        for route in app.own_routes:
            view = f"{route.view.module}.{route.view.name}"
            if not route.changes_state or not (view in exempt or route.blueprint in blueprints):
                continue
            names = set(route.view.names).union(*(wrapper.names for wrapper in route.view.wrappers))
            if names & {"session", "current_user", "login_user", "current_person"}:
                yield self.finding(
                    f"{route} is exempt from CSRF protection, and goes by the session.",
                    location=route.view.location,
                    route=str(route),
                    evidence=(
                        Evidence(
                            "setting",
                            f"{'blueprint ' + route.blueprint if view not in exempt else view} is exempt",
                        ),
                    ),
                    fix="Take the exemption away and send the token along.",
                )


def _exempt(route: WrittenRoute) -> bool:
    """Whether a route that changes something for who is signed in is exempt; who forges a request does not know a token in its address."""
    if not route.changes or "token" in route.rule:
        return False
    exempt = any(
        name.endswith(("csrf.exempt", "CSRFProtect.exempt", "CsrfProtect.exempt"))
        for name in route.decorators
    )
    knows = route.names & {"session", "current_user", "login_required", "current_person", "g.user"}
    return exempt and (bool(knows) or any("login_required" in name for name in route.decorators))
