from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.address import AddressCheck, Site
from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import session_cookies
from fumehood.practices.https.written import set_to


class CrossSiteSessionCookie(Rule, LiveCheck, CodeCheck, AddressCheck):
    """The session cookie goes along with requests from other sites.

    ## What it finds

    `SESSION_COOKIE_SAMESITE` that is not set (Flask's default) or is `"None"`.

    ## Why it is bad

    The browser then sends the session with requests that other sites make it send. Some browsers treat a missing attribute as `Lax`, but not for
    the first two minutes of a cookie's life, and others never.

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
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## References

    - [CWE-1275: Sensitive Cookie with Improper SameSite Attribute](https://cwe.mitre.org/data/definitions/1275.html)
    - [Flask: SESSION_COOKIE_SAMESITE](https://flask.palletsprojects.com/en/stable/config/#SESSION_COOKIE_SAMESITE)
    """

    id = "FH307"
    name = "cross-site-session-cookie"
    severity = Severity.LOW
    cwe = 1275
    asvs = ("v5.0.0-3.3.2",)

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for place in set_to(program, "SESSION_COOKIE_SAMESITE", "None"):
            yield self.finding(
                "The session cookie is meant for other sites too.",
                certainty=Certainty.READ,
                location=place,
                fix='Set SESSION_COOKIE_SAMESITE = "Lax", or install Fumehood(app), which does.',
            )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        samesite = app.details["session"]["samesite"]
        if app.uses_session and str(samesite).lower() not in {"lax", "strict"}:
            yield self.finding(
                "The session cookie has no SameSite attribute."
                if samesite is None
                else "The session cookie is meant for other sites too.",
                severity=Severity.LOW if samesite is None else Severity.MEDIUM,
                location=app.place("SESSION_COOKIE_SAMESITE"),
                evidence=(Evidence("setting", f"SESSION_COOKIE_SAMESITE is {samesite!r}"),),
                fix='Set SESSION_COOKIE_SAMESITE = "Lax", or install Fumehood(app), which does.',
            )

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        for answer, cookie in session_cookies(site.answers):
            if cookie.samesite not in {"lax", "strict"}:
                yield self.finding(
                    f"The cookie {cookie.name!r} has no SameSite attribute that keeps it from other sites' requests.",
                    evidence=(Evidence("header", f"{answer}: Set-Cookie {cookie.name}"),),
                    fix="Set it with Secure, HttpOnly and SameSite=Lax; Fumehood(app) does so for Flask's session.",
                )
