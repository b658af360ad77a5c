from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.address import AddressCheck, Site
from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import session_cookies
from fumehood.practices.https.written import set_to


class ScriptReadableSessionCookie(Rule, LiveCheck, CodeCheck, AddressCheck):
    """Scripts can read the session cookie.

    ## What it finds

    `SESSION_COOKIE_HTTPONLY` switched off.

    ## Why it is bad

    One script that somebody smuggles into any page can send the session to them; with `HttpOnly` it cannot.

    ## Example

    ```python
    from flask import Flask, session

    app = Flask(__name__)
    app.config["SESSION_COOKIE_HTTPONLY"] = False


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## Use instead

    ```python
    from flask import Flask, session

    app = Flask(__name__)


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## References

    - [CWE-1004: Sensitive Cookie Without HttpOnly Flag](https://cwe.mitre.org/data/definitions/1004.html)
    - [Flask: SESSION_COOKIE_HTTPONLY](https://flask.palletsprojects.com/en/stable/config/#SESSION_COOKIE_HTTPONLY)
    """

    id = "FH306"
    name = "script-readable-session-cookie"
    severity = Severity.MEDIUM
    cwe = 1004
    asvs = ("v5.0.0-3.3.4",)

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for place in set_to(program, "SESSION_COOKIE_HTTPONLY", False):
            yield self.finding(
                "Scripts can read the session cookie.",
                certainty=Certainty.READ,
                location=place,
                fix="Remove SESSION_COOKIE_HTTPONLY = False; true is Flask's default.",
            )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.uses_session and not app.details["session"]["httponly"]:
            yield self.finding(
                "Scripts can read the session cookie.",
                location=app.place("SESSION_COOKIE_HTTPONLY"),
                evidence=(Evidence("setting", "SESSION_COOKIE_HTTPONLY is false"),),
                fix="Remove SESSION_COOKIE_HTTPONLY = False; true is Flask's default.",
            )

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        for answer, cookie in session_cookies(site.answers):
            if not cookie.httponly:
                yield self.finding(
                    f"Scripts can read the cookie {cookie.name!r}.",
                    evidence=(Evidence("header", f"{answer}: Set-Cookie {cookie.name}"),),
                    fix="Set it with Secure, HttpOnly and SameSite=Lax; Fumehood(app) does so for Flask's session.",
                )
