from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AnswerCheck
from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Location, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.exchange import Exchange


# Exceptions whose text is about the program's inside. The text of a ValidationError or of a 404 is meant for people.
_INSIDE = re.compile(
    r"\b(Base)?Exception\b|SQLAlchemyError|DatabaseError|OperationalError|IntegrityError|ProgrammingError|OSError|IOError|EnvironmentError|SubprocessError|sqlite3\.Error|psycopg2?\.Error|errorhandler\((500|Exception|InternalServerError)\)|RuntimeError|TemplateError"
)
_ANSWERS = re.compile(r"route$|\.(get|post|put|patch|delete)\b|errorhandler|\broute\(")
_MAKES_ANSWER = re.compile(
    r"^(flask\.)?(jsonify|make_response|Response|render_template\w*|render_template_string)\(|^\(?\{|, \(?[45]\d\d\)?$"
)


class ErrorShowsInternals(Rule, LiveCheck, CodeCheck, AnswerCheck):
    """Error pages show what happened inside.

    ## What it finds

    The answer of a page whose view was made to fail, when it contains the exception's text, a stack trace or a debugger; in code: views and
    error handlers that return the text of an exception about the program's inside, or a traceback.

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

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        views = {(route.location.path, route.location.line) for route in program.routes}
        for function in filter(lambda one: one.errors, program.functions):
            place = function.location
            answers = (place.path, place.line) in views or any(
                _ANSWERS.search(text) for text in function.decorators
            )
            for kind, text, line in function.errors:
                traced = "format_exc" in text
                if not (answers or _MAKES_ANSWER.search(text)) or not (traced or _INSIDE.search(kind)):
                    continue
                yield self.finding(
                    f"{function.name} answers with {'a stack trace' if traced else 'the text of an exception'}.",
                    severity=self.severity if traced else Severity.LOW,
                    certainty=Certainty.READ,
                    location=Location(place.path, line, scope=function.name),
                    fix="Answer with a fixed sentence and an id; log the exception under that id.",
                )

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
