from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class MissingSecretKey(Rule, LiveCheck):
    """The application uses sessions without a secret key.

    ## What it finds

    No `SECRET_KEY`, in an application whose code or extensions use the session, flashed messages or CSRF tokens.

    ## Why it is bad

    Such pages fail with an error, and what is then typed in to make it go away is usually a short key in the source.

    ## Example

    ```python
    from flask import Flask, session

    app = Flask(__name__)


    @app.get("/visits")
    def visits():
        session["visits"] = session.get("visits", 0) + 1
        return str(session["visits"])
    ```

    ## Use instead

    ```python
    import os
    import secrets

    from flask import Flask, session

    app = Flask(__name__)
    app.secret_key = os.environ.get("SHOP_KEY") or secrets.token_hex(32)


    @app.get("/visits")
    def visits():
        session["visits"] = session.get("visits", 0) + 1
        return str(session["visits"])
    ```

    ## References

    - [Flask: sessions](https://flask.palletsprojects.com/en/stable/quickstart/#sessions)
    - [CWE-1188: Insecure Default Initialization of Resource](https://cwe.mitre.org/data/definitions/1188.html)
    """

    id = "FH201"
    name = "missing-secret-key"
    severity = Severity.MEDIUM
    cwe = 1188
    asvs = ("v5.0.0-13.3.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.config.get("SECRET_KEY") or app.hooded or not app.uses_session:
            return
        if not app.details["session"]["interface"].startswith("flask.sessions."):
            return
        yield self.finding(
            "There is no SECRET_KEY, but the application uses the session.",
            evidence=(Evidence("setting", "SECRET_KEY is not set"),),
            fix="Give a generated key by the environment or a file, or let Fumehood(app) make and keep one.",
        )
