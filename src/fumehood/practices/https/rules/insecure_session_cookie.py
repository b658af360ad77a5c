from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.address import AddressCheck, Site
from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import session_cookies
from fumehood.practices.https.written import set_to


class InsecureSessionCookie(Rule, LiveCheck, CodeCheck, AddressCheck):
    """The session cookie travels over plain HTTP.

    ## What it finds

    A session cookie without the `Secure` attribute: `SESSION_COOKIE_SECURE` is false, as is Flask's default.

    ## Why it is bad

    One request over plain HTTP, which any page can make a browser send, shows the session to everybody on the way.

    ## Example

    ```python
    from flask import Flask, session

    app = Flask(__name__)


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## Use instead

    ```python
    from flask import Flask, session

    app = Flask(__name__)
    app.config["SESSION_COOKIE_SECURE"] = True


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## References

    - [CWE-614: Sensitive Cookie in HTTPS Session Without Secure Attribute](https://cwe.mitre.org/data/definitions/614.html)
    - [Flask: security considerations for cookies](https://flask.palletsprojects.com/en/stable/web-security/#set-cookie-options)
    """

    id = "FH305"
    name = "insecure-session-cookie"
    severity = Severity.MEDIUM
    cwe = 614
    asvs = ("v5.0.0-3.3.1",)

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for place in set_to(program, "SESSION_COOKIE_SECURE", False):
            yield self.finding(
                "The session cookie is sent over plain HTTP too.",
                certainty=Certainty.READ,
                location=place,
                fix="Set SESSION_COOKIE_SECURE = True, or install Fumehood(app), which does.",
            )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.uses_session and not app.details["session"]["secure"]:
            yield self.finding(
                "The session cookie is sent over plain HTTP too.",
                location=app.place("SESSION_COOKIE_SECURE"),
                evidence=(Evidence("setting", "SESSION_COOKIE_SECURE is false"),),
                fix="Set SESSION_COOKIE_SECURE = True, or install Fumehood(app), which does.",
            )

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        for answer, cookie in session_cookies(site.answers):
            if not cookie.secure:
                yield self.finding(
                    f"The cookie {cookie.name!r} is sent over plain HTTP too.",
                    evidence=(Evidence("header", f"{answer}: Set-Cookie {cookie.name}"),),
                    fix="Set it with Secure, HttpOnly and SameSite=Lax; Fumehood(app) does so for Flask's session.",
                )
