from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class CrossOriginCredentials(Rule, LiveCheck):
    """Any site may read answers with the visitor's session.

    ## What it finds

    An answer to a request from a foreign origin that names that origin in `Access-Control-Allow-Origin` and allows credentials.

    ## Why it is bad

    Every site that a signed-in person visits can read their pages and data, CSRF tokens included, and so act for them.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)


    @app.after_request
    def cors(response):
        response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
        response.headers["Access-Control-Allow-Credentials"] = "true"
        return response


    @app.get("/me")
    def me():
        return {"name": "ann"}
    ```

    ## Use instead

    A list of the origins that are yours; `FUMEHOOD_CORS_ORIGINS` of the hood is one:

    ```python
    from flask import Flask, request

    app = Flask(__name__)
    OURS = {"https://app.shop.example"}


    @app.after_request
    def cors(response):
        if request.headers.get("Origin") in OURS:
            response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.vary.add("Origin")
        return response


    @app.get("/me")
    def me():
        return {"name": "ann"}
    ```

    ## References

    - [MDN: Cross-Origin Resource Sharing](https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS)
    - [CWE-942: Permissive Cross-domain Policy](https://cwe.mitre.org/data/definitions/942.html)
    """

    id = "FH505"
    name = "cross-origin-credentials"
    severity = Severity.HIGH
    cwe = 942
    asvs = ("v5.0.0-3.4.2",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for answer in (*app.asked("foreign-origin"), *app.asked("foreign-preflight")):
            allowed = answer.header("Access-Control-Allow-Origin")
            if (
                allowed.startswith("https://")
                and answer.header("Access-Control-Allow-Credentials").lower() == "true"
            ):
                yield self.finding(
                    "Every site may read answers with the visitor's cookies.",
                    evidence=(
                        Evidence("response", f"{answer} with Origin {allowed}"),
                        Evidence(
                            "header",
                            f"Access-Control-Allow-Origin: {allowed}; Access-Control-Allow-Credentials: true",
                        ),
                    ),
                    fix="Name the origins that may, or do not allow credentials.",
                )
                return
