from __future__ import annotations

from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class TrustBoundaryViolation(Rule, FlowCheck):
    """A request decides what the session says.

    ## What it finds

    A value of the request that is put into the session, or names a key of it, without having been checked against anything that the application knows.

    ## Why it is bad

    What is in the session is believed later: who somebody is, what they may do, what they have paid.

    ## Example

    ```python
    from flask import Flask, request, session

    app = Flask(__name__)

    @app.post("/enter")
    def enter():
        session["user"] = request.form["user"]
        return {}
    ```

    ## Use instead

    ```python
    from flask import Flask, abort, request, session

    app = Flask(__name__)
    LANGUAGES = {"en", "de", "fr"}

    @app.post("/language")
    def choose():
        wanted = request.form["language"]
        if wanted not in LANGUAGES:
            abort(400)
        session["language"] = wanted
        return {}
    ```

    ## References

    - [CWE-501: Trust Boundary Violation](https://cwe.mitre.org/data/definitions/501.html)
    - [OWASP: Session Management](https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html)
    """

    id = "FH740"
    name = "trust-boundary-violation"
    severity = Severity.LOW
    cwe = 501
    asvs = ("v5.0.0-2.2.1",)
    sinks = ("session",)
    message = "{source} is put into {sink} unchecked"
    fix = "Check the value first, and put what you found into the session."
