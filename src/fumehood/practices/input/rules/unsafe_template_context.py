from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Flow, FlowCheck
from fumehood.findings import Finding, Rule, Severity

# They begin with the scheme and the host that the page itself came from.
_OWN_ADDRESSES = (
    "flask.request.url",
    "flask.request.base_url",
    "flask.request.url_root",
    "flask.request.host_url",
)


class UnsafeTemplateContext(Rule, FlowCheck):
    """A template shows a value where escaping does not help.

    ## What it finds

    A value of the request that a template shows inside a `<script>` outside of quotes, in an event handler such as `onclick`, in an attribute without quotes, or as
    the beginning of an address in `href` or `src`. There Jinja's escaping does not stop it: it is made for text and quoted attributes.

    ## Why it is bad

    `x onmouseover=...` needs no `<`, and `javascript:...` needs no quote. The script then runs as the person who opens the page.

    ## Example

    ```python
    from flask import Flask, render_template_string, request

    app = Flask(__name__)

    @app.get("/")
    def index():
        page = "<script>let wanted = {{ wanted }};</script>"
        return render_template_string(page, wanted=request.args["wanted"])
    ```

    ## Use instead

    ```python
    from flask import Flask, render_template_string, request

    app = Flask(__name__)

    @app.get("/")
    def index():
        page = "<script>let wanted = {{ wanted|tojson }};</script>"
        return render_template_string(page, wanted=request.args["wanted"])
    ```

    Put quotes around attributes, and check that an address begins with `/` or `https://`.

    ## References

    - [CWE-79: Cross-site Scripting](https://cwe.mitre.org/data/definitions/79.html)
    - [Jinja: HTML escaping](https://jinja.palletsprojects.com/en/stable/templates/#html-escaping)
    """

    id = "FH449"
    name = "unsafe-template-context"
    severity = Severity.MEDIUM
    cwe = 79
    asvs = ("v5.0.0-1.2.1",)
    sinks = ("script", "attribute", "link")
    message = "{source} becomes part of {sink}, where escaping does not help"
    fix = "Use tojson in scripts, quotes around attributes, and check addresses."

    def flow(self, flow: Flow) -> Iterator[Finding]:
        if flow.guessed:
            return  # what a library gives back for it is seldom the address itself
        if flow.kind == "link" and flow.source_name in _OWN_ADDRESSES:
            return
        yield self.flaw(flow)
