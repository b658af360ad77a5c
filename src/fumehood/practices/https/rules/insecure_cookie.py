from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import parse_cookie


class InsecureCookie(Rule, LiveCheck, CodeCheck):
    """A cookie besides the session is sent over plain HTTP.

    ## What it finds

    Cookies in the application's answers without `Secure`, cookies that are named as tokens without `HttpOnly`, and Flask-Login's
    remember cookie without `REMEMBER_COOKIE_SECURE`.

    ## Why it is bad

    A remember cookie or token is as good as a password for as long as it lasts; without `Secure` it can be read on the way.

    ## Example

    ```python
    from flask import Flask, make_response

    app = Flask(__name__)


    @app.get("/")
    def index():
        response = make_response("<h1>Shop</h1>")
        response.set_cookie("cart_token", "81f0")
        return response
    ```

    ## Use instead

    ```python
    from flask import Flask, make_response

    app = Flask(__name__)


    @app.get("/")
    def index():
        response = make_response("<h1>Shop</h1>")
        response.set_cookie("__Host-cart_token", "81f0", secure=True, httponly=True, samesite="Lax")
        return response
    ```

    ## References

    - [CWE-614: Sensitive Cookie in HTTPS Session Without Secure Attribute](https://cwe.mitre.org/data/definitions/614.html)
    - [Flask-Login: cookie settings](https://flask-login.readthedocs.io/en/latest/#cookie-settings)
    """

    id = "FH309"
    name = "insecure-cookie"
    severity = Severity.LOW
    cwe = 614
    asvs = ("v5.0.0-3.3.1", "v5.0.0-3.3.4")

    once = "file"
    calls = ("flask.Response.set_cookie", "*.set_cookie")
    fix = 'Set it with secure=True, httponly=True, samesite="Lax".'

    def call(self, call: Call) -> Iterator[Finding]:
        """A cookie is set without Secure, whatever sets it."""
        secure = call["secure"]
        if call["1|value"].constant == "":
            return  # it is deleted
        if (
            call.spread
            or _kept_by_client(call)
            or (secure and (secure.may_be(True) or not secure.may_be(False, None)))
        ):
            return  # "secure where the request is" is a choice, not an oversight
        key = call["0|key"].text
        yield self.flaw(
            call, f"The cookie {key!r} is set without Secure." if key else "A cookie is set without Secure."
        )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        session = app.details["session"]["cookie_name"]
        seen = {session}
        for answer in app.asked("page"):
            for cookie in map(parse_cookie, answer.cookies):
                missing = [] if cookie.secure else ["Secure"]
                if (
                    re.search(r"token|auth|sess|remember|jwt", cookie.name, re.IGNORECASE)
                    and "csrf" not in cookie.name.lower()
                ):
                    missing += [] if cookie.httponly else ["HttpOnly"]
                if missing and not cookie.empty and cookie.name not in seen:
                    seen.add(cookie.name)
                    yield self.finding(
                        f"The cookie {cookie.name!r} is set without {' and '.join(missing)}.",
                        route=f"{answer.method} {answer.path}",
                        evidence=(
                            Evidence(
                                "header", f"{answer}: Set-Cookie {cookie.name} without {', '.join(missing)}"
                            ),
                        ),
                        fix='Set it with secure=True, httponly=True and samesite="Lax".',
                    )
        if app.has("flask_login") and not app.config.get("REMEMBER_COOKIE_SECURE") and _remembers(app):
            yield self.finding(
                "Flask-Login's remember cookie is sent over plain HTTP too.",
                severity=Severity.MEDIUM,
                location=app.place("REMEMBER_COOKIE_SECURE"),
                evidence=(Evidence("setting", "REMEMBER_COOKIE_SECURE is not true"),),
                fix="Set REMEMBER_COOKIE_SECURE = True, or install Fumehood(app), which does.",
            )


def _kept_by_client(call: Call) -> bool:
    """Whether it is a client that sends the cookie, as Werkzeug's for tests, not an answer that sets it."""
    func = call.node.func if isinstance(call.node, ast.Call) else None
    holder = func.value if isinstance(func, ast.Attribute) else None
    name = (
        holder.attr
        if isinstance(holder, ast.Attribute)
        else holder.id
        if isinstance(holder, ast.Name)
        else ""
    )
    return name == "client" or name.endswith("_client")


def _remembers(app: LiveApp) -> bool:
    return any(
        "login_user" in route.view.names and "remember" in route.view.strings for route in app.own_routes
    )
