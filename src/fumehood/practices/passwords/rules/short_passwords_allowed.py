from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class ShortPasswordsAllowed(Rule, LiveCheck):
    """Very short passwords are accepted.

    ## What it finds

    `SECURITY_PASSWORD_LENGTH_MIN` of Flask-Security, or `FUMEHOOD_PASSWORD_LENGTH` of the hood, below 8.

    ## Why it is bad

    Short passwords are all tried within minutes, throttled or not, once somebody has the table of hashes.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_PASSWORD_LENGTH_MIN"] = 6
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_PASSWORD_LENGTH_MIN"] = 12
    ```

    ## References

    - [NIST SP 800-63B, section 3.1.1: passwords](https://pages.nist.gov/800-63-4/sp800-63b.html)
    - [CWE-521: Weak Password Requirements](https://cwe.mitre.org/data/definitions/521.html)
    """

    id = "FH604"
    name = "short-passwords-allowed"
    severity = Severity.MEDIUM
    cwe = 521
    asvs = ("v5.0.0-6.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        least = app.config.get("SECURITY_PASSWORD_LENGTH_MIN")
        if isinstance(least, int) and least < 8:
            yield self.finding(
                f"Passwords of {least} characters are accepted.",
                location=app.place("SECURITY_PASSWORD_LENGTH_MIN"),
                evidence=(Evidence("setting", f"SECURITY_PASSWORD_LENGTH_MIN is {least}"),),
                fix="Set at least 8, better 12 or more, and refuse known ones.",
            )
