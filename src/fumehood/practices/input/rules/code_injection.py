from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class CodeInjection(Rule, FlowCheck, SinkCheck):
    """A request can run Python of its own.

    ## What it finds

    A value of the request that reaches `eval`, `exec`, `compile` or the import of a module by name.

    ## Why it is bad

    The value is a program, and it runs with all that the application can do.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/sum")
    def total():
        return {"sum": eval(request.form["terms"])}
    ```

    ## Use instead

    ```python
    import ast
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/sum")
    def total():
        return {"sum": sum(ast.literal_eval(request.form["terms"]))}
    ```

    ## References

    - [CWE-94: Code Injection](https://cwe.mitre.org/data/definitions/94.html)
    - [CWE-95: Eval Injection](https://cwe.mitre.org/data/definitions/95.html)
    """

    id = "FH441"
    name = "code-injection"
    severity = Severity.CRITICAL
    cwe = 94
    asvs = ("v5.0.0-1.3.2",)
    sinks = ("code",)
    parameters = True
    sink = ("code",)
    probes = ("__import__('os').getcwd()",)
    message = "{source} is run as Python by {sink}"
    fix = "Parse the value, or choose from functions of your own by name."
