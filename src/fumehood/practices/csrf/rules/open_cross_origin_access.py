from __future__ import annotations

from collections.abc import Iterator, Sequence

from fumehood.engines.code import Assign, Call, CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.access.reading import knows_people


class OpenCrossOriginAccess(Rule, LiveCheck, CodeCheck):
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

    calls = ("flask_cors.CORS",)  # of a single route it is a choice
    assigns = ("flask.Response.headers[Access-Control-Allow-Origin]",)
    fix = "Allow it for the routes that are meant for everybody, or name the origins."

    def call(self, call: Call) -> Iterator[Finding]:
        origins = call["origins"]
        anybody = (
            not origins
            or origins.may_be("*", r".*")
            or any(one.may_be("*", r".*") for one in origins.items())
        )
        if (
            anybody
            and not call["resources"]
            and not call.spread
            and not call["supports_credentials"].may_be(True)
        ):
            yield self.flaw(
                call,
                "Every site may read answers: Access-Control-Allow-Origin is *.",
                certainty=Certainty.SUSPECTED,
            )

    def assign(self, assign: Assign) -> Iterator[Finding]:
        if assign.value.may_be("*"):
            yield self.flaw(
                assign,
                "Every site may read answers: Access-Control-Allow-Origin is *.",
                certainty=Certainty.SUSPECTED,
            )

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """Where nobody signs in, everything is for everybody."""
        return findings if knows_people(program) else ()

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
