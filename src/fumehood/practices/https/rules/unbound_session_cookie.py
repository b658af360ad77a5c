from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class UnboundSessionCookie(Rule, LiveCheck):
    """Neighbouring hosts can read or set the session cookie.

    ## What it finds

    `SESSION_COOKIE_DOMAIN` that gives the session to all subdomains; and, as advice, a cookie whose name does not begin with `__Host-`.

    ## Why it is bad

    With a domain, every host beneath it gets the session, also the forgotten one. Without the prefix, a neighbour or somebody on a plain HTTP
    connection can plant a session of their choosing.

    ## Example

    ```python
    from flask import Flask, session

    app = Flask(__name__)
    app.config["SESSION_COOKIE_DOMAIN"] = "shop.example"


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## Use instead

    ```python
    from flask import Flask, session

    app = Flask(__name__)
    app.config.update(SESSION_COOKIE_NAME="__Host-session", SESSION_COOKIE_SECURE=True)


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## References

    - [MDN: cookie prefixes](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes)
    - [CWE-565: Reliance on Cookies without Validation and Integrity Checking](https://cwe.mitre.org/data/definitions/565.html)
    """

    id = "FH308"
    name = "unbound-session-cookie"
    severity = Severity.INFO
    cwe = 565
    asvs = ("v5.0.0-3.3.1", "v5.0.0-3.3.3")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        cookie = app.details["session"]
        if not app.uses_session:
            return
        if cookie["domain"]:
            yield self.finding(
                f"The session cookie is given to every host beneath {cookie['domain']}.",
                severity=Severity.LOW,
                location=app.place("SESSION_COOKIE_DOMAIN"),
                evidence=(Evidence("setting", f"SESSION_COOKIE_DOMAIN is {cookie['domain']!r}"),),
                fix="Remove SESSION_COOKIE_DOMAIN, so that the cookie belongs to this host alone.",
            )
        elif not cookie["cookie_name"].startswith(("__Host-", "__Secure-")):
            yield self.finding(
                f"The session cookie {cookie['cookie_name']!r} has no __Host- prefix, so a neighbouring host can set it.",
                location=app.place("SESSION_COOKIE_NAME"),
                evidence=(Evidence("setting", f"SESSION_COOKIE_NAME is {cookie['cookie_name']!r}"),),
                fix='Set SESSION_COOKIE_NAME = "__Host-session" together with SESSION_COOKIE_SECURE, or install Fumehood(app).',
            )
