from __future__ import annotations

from typing import TYPE_CHECKING

from fumehood.engines.address import OutsideCheck
from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity

if TYPE_CHECKING:
    from fumehood.engines.address.outside import Trial


class TemplateInjection(Rule, FlowCheck, SinkCheck, OutsideCheck):
    """A request can write a template.

    ## What it finds

    A value of the request that becomes part of the source of a template: in `render_template_string`, `Template`, `from_string`. Values that are passed to a template are not reported.

    ## Why it is bad

    A template is a program. `{{ config }}` shows the secret key, and a few steps further any command runs.

    ## Example

    ```python
    from flask import Flask, render_template_string, request

    app = Flask(__name__)

    @app.get("/hello")
    def hello():
        return render_template_string("<p>Hello, " + request.args["name"])
    ```

    ## Use instead

    ```python
    from flask import Flask, render_template_string, request

    app = Flask(__name__)

    @app.get("/hello")
    def hello():
        return render_template_string("<p>Hello, {{ name }}", name=request.args["name"])
    ```

    ## References

    - [CWE-1336: Improper Neutralization of Special Elements Used in a Template Engine](https://cwe.mitre.org/data/definitions/1336.html)
    - [OWASP: Server-side Template Injection](https://owasp.org/www-project-web-security-testing-guide/)
    """

    id = "FH444"
    name = "template-injection"
    severity = Severity.CRITICAL
    cwe = 1336
    asvs = ("v5.0.0-1.3.7",)
    sinks = ("template",)
    parameters = True
    sink = ("template",)
    probes = ("{{7*7}}{%fh%}",)
    message = "{source} becomes part of a template in {sink}"
    fix = "Pass the value to the template instead."

    def outside(self, trial: Trial) -> str:
        for left, right in ((9137, 8779), (7193, 9461)):
            product = str(left * right)
            if product in trial.honest.body or product not in trial.ask(f"{{{{{left}*{right}}}}}").body:
                return ""
        return f"the server calculates what the value says: {left}*{right} is answered with {product}"
