from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class LongLivedSession(Rule, LiveCheck):
    """Sessions last for more than a month.

    ## What it finds

    `PERMANENT_SESSION_LIFETIME` above Flask's 31 days, or a remember cookie of Flask-Login that lasts for more than a month while sessions are used
    for signing in.

    ## Why it is bad

    Flask's session cookie cannot be revoked: who copies one from a shared computer or a backup is signed in until it ends.

    ## Example

    ```python
    from datetime import timedelta

    from flask import Flask, session

    app = Flask(__name__)
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365)


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## Use instead

    ```python
    from datetime import timedelta

    from flask import Flask, session

    app = Flask(__name__)
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=1)


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## References

    - [CWE-613: Insufficient Session Expiration](https://cwe.mitre.org/data/definitions/613.html)
    - [Flask: PERMANENT_SESSION_LIFETIME](https://flask.palletsprojects.com/en/stable/config/#PERMANENT_SESSION_LIFETIME)
    """

    id = "FH210"
    name = "long-lived-session"
    severity = Severity.LOW
    cwe = 613
    asvs = ("v5.0.0-7.3.1", "v5.0.0-7.3.2")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        seconds = app.config.get("PERMANENT_SESSION_LIFETIME")
        if app.uses_session and isinstance(seconds, int | float) and seconds > 31 * 86400:
            yield self.finding(
                f"A session lasts for {seconds / 86400:.0f} days.",
                location=app.place("PERMANENT_SESSION_LIFETIME"),
                evidence=(Evidence("setting", f"PERMANENT_SESSION_LIFETIME is {seconds / 86400:.0f} days"),),
                fix="Set PERMANENT_SESSION_LIFETIME to days or hours, as what is behind the login deserves.",
            )
