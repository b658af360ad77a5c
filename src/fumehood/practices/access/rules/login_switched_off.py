from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class LoginSwitchedOff(Rule, LiveCheck):
    """Login is switched off by a setting.

    ## What it finds

    `LOGIN_DISABLED` of Flask-Login, which makes every `login_required` let everybody in.

    ## Why it is bad

    The setting is for tests. In any other place all pages are open, while the code looks as if they were not.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["LOGIN_DISABLED"] = True
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [CWE-306: Missing Authentication for Critical Function](https://cwe.mitre.org/data/definitions/306.html)
    - [Flask-Login: disabling security while testing](https://flask-login.readthedocs.io/en/latest/)
    """

    id = "FH706"
    name = "login-switched-off"
    severity = Severity.CRITICAL
    cwe = 306
    asvs = ("v5.0.0-8.2.1", "v5.0.0-15.2.3")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.config.get("LOGIN_DISABLED"):
            yield self.finding(
                "LOGIN_DISABLED is on: every page that asks for a login is open.",
                location=app.place("LOGIN_DISABLED"),
                evidence=(Evidence("setting", "LOGIN_DISABLED is true"),),
                fix="Remove LOGIN_DISABLED; tests can sign in, or set it in their own configuration.",
            )
