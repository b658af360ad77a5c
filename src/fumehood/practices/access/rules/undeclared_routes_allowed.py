from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class UndeclaredRoutesAllowed(Rule, LiveCheck):
    """Routes that do not say who may come are open.

    ## What it finds

    `FUMEHOOD_UNDECLARED = "warn"`: the hood is installed, but lets routes without a declaration through.

    ## Why it is bad

    The setting is for the time of moving an application under the hood. While it is there, a forgotten route is open to everybody.

    ## Example

    ```python
    from flask import Flask

    from fumehood import Fumehood

    app = Flask(__name__)
    app.testing = True
    app.config["FUMEHOOD_UNDECLARED"] = "warn"
    Fumehood(app)


    @app.get("/")
    def index():
        return "hello"
    ```

    ## Use instead

    ```python
    from flask import Flask

    from fumehood import Fumehood

    app = Flask(__name__)
    app.testing = True
    hood = Fumehood(app)


    @app.get("/")
    @hood.public
    def index():
        return "hello"
    ```

    ## References

    - [CWE-862: Missing Authorization](https://cwe.mitre.org/data/definitions/862.html)
    - [OWASP Authorization Cheat Sheet: deny by default](https://cheatsheetseries.owasp.org/cheatsheets/Authorization_Cheat_Sheet.html#deny-by-default)
    """

    id = "FH704"
    name = "undeclared-routes-allowed"
    severity = Severity.MEDIUM
    cwe = 862
    asvs = ("v5.0.0-8.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if "FUMEHOOD_UNDECLARED" not in app.details.get("hood", {}).get("loosened", {}):
            return
        bare = [route for route in app.own_routes if not route.view.access]
        yield self.finding(
            f"{len(bare)} routes do not say who may come, and are open.",
            location=app.place("FUMEHOOD_UNDECLARED"),
            evidence=(
                Evidence("setting", "FUMEHOOD_UNDECLARED is 'warn'"),
                *(Evidence("route", str(route)) for route in bare[:10]),
            ),
            fix="Declare them (@hood.public, @hood.allow, @hood.permit), then remove FUMEHOOD_UNDECLARED.",
        )
