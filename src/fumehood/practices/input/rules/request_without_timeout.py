from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")


class RequestWithoutTimeout(Rule, CodeCheck):
    """A view waits for another server without a time limit.

    ## What it finds

    Calls of requests without `timeout`, and of `urllib.request.urlopen` without one, while a request is answered.

    ## Why it is bad

    When the other side does not answer, the worker waits for ever. A few such requests, and nobody is answered any more.

    ## Example

    ```python
    import requests
    from flask import Flask

    app = Flask(__name__)

    @app.get("/rates")
    def rates():
        return requests.get("https://rates.example/today").json()
    ```

    ## Use instead

    ```python
    import requests
    from flask import Flask

    app = Flask(__name__)

    @app.get("/rates")
    def rates():
        return requests.get("https://rates.example/today", timeout=5).json()
    ```

    ## References

    - [CWE-400: Uncontrolled Resource Consumption](https://cwe.mitre.org/data/definitions/400.html)
    - [Requests: timeouts](https://requests.readthedocs.io/en/latest/user/advanced/#timeouts)
    """

    id = "FH461"
    name = "request-without-timeout"
    severity = Severity.LOW
    cwe = 400
    asvs = ("v5.0.0-16.5.2",)
    fix = "Give it a timeout, in seconds, for connecting and for each answer."
    calls = (
        *(f"requests.{verb}" for verb in _VERBS),
        *(f"requests.Session.{verb}" for verb in _VERBS),
        "urllib.request.urlopen",
    )

    def call(self, call: Call) -> Iterator[Finding]:
        given = call["timeout"] or (call.name.endswith("urlopen") and call[2])
        if (
            call.route
            and not call.spread
            and (not given or (call["timeout"].constant is None and call["timeout"].is_known))
        ):
            yield self.flaw(
                call, f"{call.name} waits without a time limit while a visitor waits for the page."
            )
