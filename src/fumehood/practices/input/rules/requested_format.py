from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity


class RequestedFormat(Rule, CodeCheck):
    """The request brings the format string.

    ## What it finds

    A text of the request, or one that holds it, on which `format` or `format_map` is called with objects.

    ## Why it is bad

    `{0.__init__.__globals__[app].secret_key}` is a format string: it walks from any object to the application's configuration and
    shows it.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/greet")
    def greet():
        return {"text": request.args["text"].format(app)}
    ```

    ## Use instead

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/greet")
    def greet():
        return {"text": "Hello, {}".format(request.args["name"])}
    ```

    ## References

    - [CWE-134: Use of Externally-Controlled Format String](https://cwe.mitre.org/data/definitions/134.html)
    - [Python: format string syntax](https://docs.python.org/3/library/string.html#format-string-syntax)
    """

    id = "FH467"
    name = "requested-format"
    severity = Severity.MEDIUM
    cwe = 134
    asvs = ("v5.0.0-1.3.10",)
    calls = ("*.format", "*.format_map")
    fix = "Keep the format string in the source and hand the request's text over as an argument; string.Template for texts of people."

    def call(self, call: Call) -> Iterator[Finding]:
        if not call.positional and not call.keywords:
            return
        if any(
            taint.source.kind == "request" and not {"*", "via:unknown"} & taint.removed
            for taint in call.receiver.taint
        ):
            yield self.flaw(
                call, "The request brings the format string, which can reach into every object it is given."
            )
