from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AnswerCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.exchange import Exchange


class ErrorShowsInternals(Rule, LiveCheck, AnswerCheck):
    """Error pages show what happened inside.

    ## What it finds

    The answer of a page whose view was made to fail, when it contains the exception's text, a stack trace or a debugger.

    ## Why it is bad

    Traces and messages tell paths, versions, queries and values, and so how to go on.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.errorhandler(Exception)
    def failed(error):
        return {"error": str(error)}, 500


    @app.get("/")
    def index():
        return "hello"
    ```

    ## Use instead

    `Fumehood(app)` shows an id that is in the log too. By hand:

    ```python
    import secrets

    from flask import Flask

    app = Flask(__name__)


    @app.errorhandler(Exception)
    def failed(error):
        incident = secrets.token_hex(8)
        app.logger.exception("incident %s", incident)
        return {"error": "Something went wrong.", "incident": incident}, 500


    @app.get("/")
    def index():
        return "hello"
    ```

    ## References

    - [CWE-209: Generation of Error Message Containing Sensitive Information](https://cwe.mitre.org/data/definitions/209.html)
    - [OWASP Error Handling Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html)
    """

    id = "FH1001"
    name = "error-shows-internals"
    severity = Severity.MEDIUM
    cwe = 209
    asvs = ("v5.0.0-16.5.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        made = [answer for answer in app.answers if answer.purpose == "error"]
        if not made:
            yield Unknown(self.id, "no page answered an anonymous visitor, so none could be made to fail")
        handlers = [
            hook
            for hook in app.hooks
            if hook.kind in {"errorhandler Exception", "errorhandler InternalServerError"} and hook.location
        ]
        for answer in made:
            what = ""
            if "Werkzeug Debugger" in answer.body or "__debugger__" in answer.body:
                what = "Werkzeug's debugger"
            elif "Traceback (most recent call last)" in answer.body:
                what = "a stack trace"
            elif "fumehood-made-error" in answer.body:
                what = "the exception's text"
            if what:
                yield self.finding(
                    f"An error in a view shows {what} to the visitor.",
                    severity=Severity.HIGH if what == "Werkzeug's debugger" else self.severity,
                    certainty=Certainty.CONFIRMED,
                    location=handlers[0].location if handlers else None,
                    evidence=(
                        Evidence(
                            "response", f"{answer}: the view was made to fail, the answer contains {what}"
                        ),
                    ),
                    fix="Answer with a fixed sentence and an id; log the exception under that id.",
                )

    mended = 'assert "Traceback" not in response.text'

    def shown(self, answer: Exchange, probe: str) -> str:
        if "Werkzeug Debugger" in answer.body or "__debugger__" in answer.body:
            return "an odd value opens Werkzeug's debugger"
        return (
            "an odd value shows a stack trace" if "Traceback (most recent call last)" in answer.body else ""
        )
