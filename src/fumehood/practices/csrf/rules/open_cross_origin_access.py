from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class OpenCrossOriginAccess(Rule, LiveCheck):
    """Any site may read answers.

    ## What it finds

    `Access-Control-Allow-Origin: *`, or the caller's origin sent back, in an application where people sign in.

    ## Why it is bad

    Sites can read whatever is answered without a cookie: also what an intranet or a visitor's own machine answers, and every
    route that forgets to ask who is there.

    ## Example

    ```python
    import secrets

    from flask import Flask, session
    from flask_cors import CORS

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    CORS(app)


    @app.post("/login")
    def login():
        session["name"] = "ann"
        return "welcome"


    @app.get("/")
    def index():
        return "hello"
    ```

    ## Use instead

    ```python
    import secrets

    from flask import Flask, session
    from flask_cors import CORS

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    CORS(app, origins=["https://app.shop.example"])


    @app.post("/login")
    def login():
        session["name"] = "ann"
        return "welcome"


    @app.get("/")
    def index():
        return "hello"
    ```

    ## References

    - [CWE-942: Permissive Cross-domain Policy](https://cwe.mitre.org/data/definitions/942.html)
    - [Flask-CORS](https://flask-cors.readthedocs.io/en/latest/)
    """

    id = "FH506"
    name = "open-cross-origin-access"
    severity = Severity.LOW
    cwe = 942
    asvs = ("v5.0.0-3.4.2",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if not app.has_people:
            return
        for answer in app.asked("foreign-origin"):
            allowed = answer.header("Access-Control-Allow-Origin")
            if allowed and answer.header("Access-Control-Allow-Credentials").lower() != "true":
                yield self.finding(
                    f"Every site may read answers: Access-Control-Allow-Origin is {allowed}.",
                    evidence=(Evidence("response", f"{answer} with a foreign Origin"),),
                    fix="Allow it for the routes that are meant for everybody, or name the origins.",
                )
