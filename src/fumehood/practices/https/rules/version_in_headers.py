from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class VersionInHeaders(Rule, LiveCheck):
    """Answers say which versions run.

    ## What it finds

    `Server`, `X-Powered-By` and the like with a version number, written by the application itself.

    ## Why it is bad

    It spares those who look for installations of a vulnerable version the work of trying.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.after_request
    def powered_by(response):
        response.headers["X-Powered-By"] = "Flask/3.1.2"
        return response


    @app.get("/")
    def index():
        return "hello"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "hello"
    ```

    ## References

    - [CWE-497: Exposure of Sensitive System Information](https://cwe.mitre.org/data/definitions/497.html)
    - [OWASP HTTP Headers Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html)
    """

    id = "FH316"
    name = "version-in-headers"
    severity = Severity.LOW
    cwe = 497
    asvs = ("v5.0.0-13.4.6",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for name in ("Server", "X-Powered-By", "X-Generator", "X-Runtime-Version"):
            for answer in app.asked("page"):
                if re.search(r"\d+\.\d+", answer.header(name)):
                    yield self.finding(
                        f"Answers have {name}: {answer.header(name)}.",
                        evidence=(Evidence("header", f"{answer}: {name}: {answer.header(name)}"),),
                        fix=f"Take {name} out of the answers.",
                    )
                    break
