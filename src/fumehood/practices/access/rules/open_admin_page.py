from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown


class OpenAdminPage(Rule, LiveCheck):
    """An administration page answers anybody.

    ## What it finds

    A page under a path such as `/admin` that answered an anonymous visitor in full, and is not a login form.

    ## Why it is bad

    Such paths are the first that are tried; what is behind them was not meant for everybody.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/admin/people")
    def people():
        return "<table><tr><td>ann</td></tr></table>"
    ```

    ## Use instead

    ```python
    from flask import Flask, abort, session

    app = Flask(__name__)


    @app.before_request
    def who():
        if "admin" not in session:
            abort(403)


    @app.get("/admin/people")
    def people():
        return "<table><tr><td>ann</td></tr></table>"
    ```

    ## References

    - [CWE-306: Missing Authentication for Critical Function](https://cwe.mitre.org/data/definitions/306.html)
    - [OWASP WSTG: authorization testing](https://owasp.org/www-project-web-security-testing-guide/)
    """

    id = "FH702"
    name = "open-admin-page"
    severity = Severity.HIGH
    cwe = 306
    asvs = ("v5.0.0-8.2.1", "v5.0.0-8.4.2")

    _PATH = re.compile(
        r"(^|/)(admin|administration|administrator|superuser|backoffice|back-office|_?internal)(/|$)",
        re.IGNORECASE,
    )

    _SIGNS_IN = frozenset({"check_password_hash", "login_user", "verify_password", "checkpw"})

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if not app.asked("page") and not app.asked("missing"):
            yield Unknown(self.id, "no page answered an anonymous visitor")
        declared = {route.endpoint for route in app.routes if route.view.access == "public"}
        entrances = {route.endpoint for route in app.routes if set(route.view.names) & self._SIGNS_IN}
        declared |= entrances
        places = {route.endpoint: route.view.location for route in app.routes}
        for answer in app.asked("page"):
            login = re.search(r"type\s*=\s*[\"']?password", answer.body, re.IGNORECASE)
            if (
                self._PATH.search(answer.path)
                and 200 <= answer.status < 300
                and not login
                and answer.endpoint not in declared
            ):
                yield self.finding(
                    f"{answer.path} answers an anonymous visitor.",
                    certainty=Certainty.CONFIRMED,
                    location=places.get(answer.endpoint),
                    route=f"GET {answer.path}",
                    evidence=(
                        Evidence("response", f"{answer}, {len(answer.body)} characters, without signing in"),
                    ),
                    fix='Ask who is there: @hood.allow("admin"), or the decorator of your login extension.',
                )
