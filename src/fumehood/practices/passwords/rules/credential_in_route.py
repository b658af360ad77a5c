from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class CredentialInRoute(Rule, LiveCheck):
    """A route takes a password in its path.

    ## What it finds

    Routes with a part named `password`, `secret`, `api_key` and the like. Reset tokens are not meant: they are for one use.

    ## Why it is bad

    Addresses are kept in logs, histories and proxies, and told to other sites, where nobody treats them as a secret.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/login/<name>/<password>")
    def login(name, password):
        return f"welcome {name}"
    ```

    ## Use instead

    ```python
    from flask import Flask, request

    app = Flask(__name__)


    @app.post("/login")
    def login():
        return f"welcome {request.form['name']}"
    ```

    ## References

    - [CWE-598: Use of GET Request Method With Sensitive Query Strings](https://cwe.mitre.org/data/definitions/598.html)
    - [OWASP REST Security Cheat Sheet: sensitive information in requests](https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html)
    """

    id = "FH606"
    name = "credential-in-route"
    severity = Severity.MEDIUM
    cwe = 598
    asvs = ("v5.0.0-14.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for route in app.own_routes:
            for name in route.arguments:
                if re.fullmatch(
                    r"(\w*_)?(password|passwd|pwd|passphrase|secret|api_?key|access_token|pin)",
                    name,
                    re.IGNORECASE,
                ):
                    yield self.finding(
                        f"{route.rule} takes {name} in its path.",
                        location=route.view.location,
                        route=str(route),
                        parameter=name,
                        evidence=(Evidence("route", str(route)),),
                        fix="Take it in the body of a POST, or in the Authorization header.",
                    )
