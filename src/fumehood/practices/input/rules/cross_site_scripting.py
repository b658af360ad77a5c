from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Flow, FlowCheck
from fumehood.findings import Certainty, Finding, Rule, Severity


class CrossSiteScripting(Rule, FlowCheck):
    """A request can put script into a page.

    ## What it finds

    A value of the request that becomes part of an HTML answer without being escaped: in what a view returns, in `Markup`, in a response that is made by hand,
    or in a template where escaping is off.

    ## Why it is bad

    A link that somebody else prepared then runs script as the person who opens it: it reads their pages and acts in their name.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/hello")
    def hello():
        return f"<p>Hello, {request.args['name']}</p>"
    ```

    ## Use instead

    ```python
    from flask import Flask, request
    from markupsafe import escape

    app = Flask(__name__)

    @app.get("/hello")
    def hello():
        return f"<p>Hello, {escape(request.args['name'])}</p>"
    ```

    A template with `{{ name }}` escapes by itself.

    ## References

    - [CWE-79: Cross-site Scripting](https://cwe.mitre.org/data/definitions/79.html)
    - [OWASP: Cross Site Scripting Prevention](https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html)
    """

    id = "FH443"
    name = "cross-site-scripting"
    severity = Severity.HIGH
    cwe = 79
    asvs = ("v5.0.0-1.2.1",)
    sinks = ("html",)
    sources = ("request", "stored")
    message = "{source} becomes part of a page in {sink} without being escaped"
    fix = "Render a template, or escape the value."

    def flow(self, flow: Flow) -> Iterator[Finding]:
        if flow.source_kind == "stored":
            message = f"What {flow.source} read becomes part of a page in {flow.sink} without being escaped"
            yield self.flaw(flow, message, severity=Severity.MEDIUM, certainty=Certainty.SUSPECTED)
        else:
            yield self.flaw(flow)
