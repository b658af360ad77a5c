from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class AccountEnumeration(Rule, LiveCheck):
    """Answers tell which accounts exist.

    ## What it finds

    Flask-Security without `SECURITY_RETURN_GENERIC_RESPONSES`: its login and password-reset answers differ for people who have an account and
    people who have none.

    ## Why it is bad

    A list of addresses becomes a list of customers, and guessing passwords is then done for real accounts only.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_RETURN_GENERIC_RESPONSES"] = False  # Flask-Security's default
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_RETURN_GENERIC_RESPONSES"] = True
    ```

    ## References

    - [CWE-204: Observable Response Discrepancy](https://cwe.mitre.org/data/definitions/204.html)
    - [Flask-Security: generic responses](https://flask-security.readthedocs.io/en/stable/patterns.html#generic-responses-avoiding-user-enumeration)
    """

    id = "FH605"
    name = "account-enumeration"
    severity = Severity.LOW
    cwe = 204
    asvs = ("v5.0.0-6.3.8",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.config.get("SECURITY_RETURN_GENERIC_RESPONSES") is False:
            yield self.finding(
                "Login and password reset tell which accounts exist.",
                location=app.place("SECURITY_RETURN_GENERIC_RESPONSES"),
                evidence=(Evidence("setting", "SECURITY_RETURN_GENERIC_RESPONSES is false"),),
                fix="Set SECURITY_RETURN_GENERIC_RESPONSES = True, or let Fumehood(app, db=..., user=...) set accounts up.",
            )
