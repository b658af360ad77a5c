from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class SessionNotBound(Rule, LiveCheck):
    """A copied session works anywhere.

    ## What it finds

    Flask-Login with `session_protection = None`.

    ## Why it is bad

    Flask-Login by default notices that a session comes from another address and browser and asks for the password again before sensitive pages.

    ## Example

    ```python
    import secrets

    from flask import Flask
    from flask_login import LoginManager

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    login = LoginManager(app)
    login.session_protection = None
    ```

    ## Use instead

    ```python
    import secrets

    from flask import Flask
    from flask_login import LoginManager

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    login = LoginManager(app)
    login.session_protection = "strong"
    ```

    ## References

    - [Flask-Login: session protection](https://flask-login.readthedocs.io/en/latest/#session-protection)
    - [CWE-384: Session Fixation](https://cwe.mitre.org/data/definitions/384.html)
    """

    id = "FH707"
    name = "session-not-bound"
    severity = Severity.LOW
    cwe = 384
    asvs = ("v5.0.0-7.2.4",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        login = app.details.get("login")
        # Flask-Security sets None and has a freshness of its own; the hood binds sessions itself.
        if (
            login is not None
            and not login["session_protection"]
            and not app.has("security")
            and not app.hooded
        ):
            yield self.finding(
                "Flask-Login's session protection is switched off.",
                location=app.place("SESSION_PROTECTION"),
                evidence=(
                    Evidence(
                        "setting", f"login_manager.session_protection is {login['session_protection']!r}"
                    ),
                ),
                fix='Remove the line, or set session_protection = "strong".',
            )
