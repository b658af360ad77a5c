from __future__ import annotations

from collections.abc import Sequence

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck, Program
from fumehood.findings import Finding, Rule, Severity


class CodeInjection(Rule, FlowCheck, SinkCheck):
    """A request can run Python of its own.

    ## What it finds

    A value of the request that reaches `eval`, `exec`, `compile` or the import of a module by name, or an evaluator that leads to Python's objects:
    js2py, unless `disable_pyimport()` is called, expressions of pandas, numexpr and sympy.

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

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        shut = "js2py.disable_pyimport" in program.calls
        return [finding for finding in findings if not (shut and "js2py." in finding.message)]
