from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Location, Rule, Severity, Unknown


class CrossOriginCredentials(Rule, LiveCheck, CodeCheck):
    """Any site may read answers with the visitor's session.

    ## What it finds

    An answer to a request from a foreign origin that names that origin in `Access-Control-Allow-Origin` and allows credentials. In code: Flask-CORS
    with credentials for all origins, and a function that hands the request's origin back without looking at it.

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
    from_answers = True

    calls = ("flask_cors.CORS", "flask_cors.cross_origin")
    fix = "Name the origins that may, or do not allow credentials."

    def call(self, call: Call) -> Iterator[Finding]:
        origins = call["origins"]
        resources = call["resources"].entries().values()
        if resources:
            inner = [one.entries().get("origins") for one in resources]
            given = [one for one in inner if one is not None]
            if call["supports_credentials"].may_be(True) and any(
                one.may_be("*", r".*") or any(item.may_be("*", r".*") for item in one.items())
                for one in given
            ):
                yield self.flaw(call, "Every site may read answers with the visitor's cookies.")
            return
        anybody = (
            not origins
            or origins.may_be("*", r".*")
            or any(item.may_be("*", r".*") for item in origins.items())
        )
        if call["supports_credentials"].may_be(True) and anybody and not call["resources"]:
            yield self.flaw(call, "Every site may read answers with the visitor's cookies.")

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            texts = {text.lower(): line for text, line in function.texts}
            if "access-control-allow-credentials" not in texts or "access-control-allow-origin" not in texts:
                continue
            reads = "origin" in texts or any(
                name.endswith(("request.origin", "HTTP_ORIGIN")) for name in function.names
            )
            compared = any(" in " in text or "==" in text or "!=" in text for text, _ in function.compares)
            if (
                reads
                and not compared
                and not any(name.endswith(("match", "fullmatch", "endswith")) for name, _ in function.calls)
            ):
                yield self.finding(
                    f"{function.name} allows whatever origin asks, with the visitor's cookies.",
                    certainty=Certainty.READ,
                    location=Location(
                        function.location.path, texts["access-control-allow-origin"], scope=function.name
                    ),
                    fix=self.fix,
                )

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
