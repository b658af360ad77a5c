from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.written import set_to


class CsrfSwitchedOff(Rule, LiveCheck, CodeCheck):
    """CSRF protection is switched off by a setting.

    ## What it finds

    `WTF_CSRF_ENABLED`, `WTF_CSRF_CHECK_DEFAULT` or `JWT_COOKIE_CSRF_PROTECT` that is false.

    ## Why it is bad

    The extension is installed and the forms carry tokens, but nothing looks at them. Such settings come from test configurations and stay.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["WTF_CSRF_ENABLED"] = False
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [Flask-WTF: configuration](https://flask-wtf.readthedocs.io/en/latest/config/)
    - [CWE-352: Cross-Site Request Forgery](https://cwe.mitre.org/data/definitions/352.html)
    """

    id = "FH503"
    name = "csrf-switched-off"
    severity = Severity.HIGH
    cwe = 352
    asvs = ("v5.0.0-3.5.1",)

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for setting in ("WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"):
            if setting == "WTF_CSRF_CHECK_DEFAULT" and _checks_itself(program):
                continue
            for place in set_to(program, setting, False):
                yield self.finding(
                    f"{setting} is false.",
                    certainty=Certainty.READ,
                    location=place,
                    fix=f"Remove {setting}, or set it in the tests' configuration only.",
                )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting in ("WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT", "JWT_COOKIE_CSRF_PROTECT"):
            if app.config.get(setting) is False:
                if setting == "JWT_COOKIE_CSRF_PROTECT" and "cookies" not in app.config.get(
                    "JWT_TOKEN_LOCATION", ()
                ):
                    continue
                if app.hooded:
                    continue  # the hood checks every state-changing request itself
                yield self.finding(
                    f"{setting} is false.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is false"),),
                    fix=f"Remove {setting}, or set it in the tests' configuration only.",
                )


def _checks_itself(program: Program) -> bool:
    """Whether not each request is checked by itself because the program says which: by hand, or by Flask-Security's own decorators."""
    by_hand = any(name.endswith("CSRFProtect.protect") for name in program.calls)
    return by_hand or any(name.startswith("SECURITY_CSRF_") for name in program.settings)
