from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class CommandInjection(Rule, FlowCheck, SinkCheck):
    """A request can run commands of its own.

    ## What it finds

    A value of the request that becomes part of a command line that a shell reads (`os.system`, `shell=True`), that names the program to run, or that
    is handed to a shell or an interpreter as its script (`sh -c`). Arguments of a fixed program in a list, and values through `shlex.quote`, are not reported.

    ## Why it is bad

    `; rm -rf /` in the value is a command too. Whoever can do that owns the server.

    ## Example

    ```python
    import os
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/ping")
    def ping():
        os.system("ping -c 1 " + request.form["host"])
        return {}
    ```

    ## Use instead

    ```python
    import subprocess
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/ping")
    def ping():
        subprocess.run(["ping", "-c", "1", "--", request.form["host"]], timeout=10)
        return {}
    ```

    ## References

    - [CWE-78: OS Command Injection](https://cwe.mitre.org/data/definitions/78.html)
    - [OWASP: OS Command Injection Defense](https://cheatsheetseries.owasp.org/cheatsheets/OS_Command_Injection_Defense_Cheat_Sheet.html)
    """

    id = "FH440"
    name = "command-injection"
    severity = Severity.CRITICAL
    cwe = 78
    asvs = ("v5.0.0-1.2.5",)
    sinks = ("command",)
    parameters = True
    sink = ("shell",)
    probes = ("$(fh)|'\"`fh`", ";fh")
    message = "{source} becomes part of a command in {sink}"
    fix = "Pass the arguments as a list, without a shell."
