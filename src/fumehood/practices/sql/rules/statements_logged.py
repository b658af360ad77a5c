from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Assign, Call, CodeCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class StatementsLogged(Rule, LiveCheck, CodeCheck):
    """SQL statements are logged with their values.

    ## What it finds

    `SQLALCHEMY_ECHO`, an engine made with `echo=True`, `SQLALCHEMY_RECORD_QUERIES`, or SQLite's `set_trace_callback` with a function.

    ## Why it is bad

    The log then holds what the tables hold: names, addresses, password hashes, tokens; kept longer, copied further and seen by more people. It
    also costs time with each statement.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_ECHO"] = True
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [CWE-532: Insertion of Sensitive Information into Log File](https://cwe.mitre.org/data/definitions/532.html)
    - [SQLAlchemy: configuring logging](https://docs.sqlalchemy.org/en/20/core/engines.html#configuring-logging)
    """

    id = "FH802"
    name = "statements-logged"
    severity = Severity.LOW
    cwe = 532
    asvs = ("v5.0.0-16.2.5",)
    calls = ("*.set_trace_callback", "sqlalchemy.create_engine", "sqlalchemy.ext.asyncio.create_async_engine")
    assigns = ("flask.Flask.config[SQLALCHEMY_ECHO]",)
    once = "file"
    fix = "Take it out; switch it on by hand on your own machine when you need it."

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name.endswith("set_trace_callback"):
            if call[0] and not call[0].may_be(None):
                shown = next((name.removeprefix("builtins.") for name in call[0].names), "a function")
                yield self.flaw(call, f"Every statement goes to {shown}, with the values in it.")
        elif call["echo"].may_be(True, "debug"):
            yield self.flaw(call, "The engine logs every statement, with its values.")

    def assign(self, assign: Assign) -> Iterator[Finding]:
        if assign.value.constant is True:
            yield self.flaw(assign, "SQLALCHEMY_ECHO is on: every statement is logged, with its values.")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting in ("SQLALCHEMY_ECHO", "SQLALCHEMY_RECORD_QUERIES"):
            if app.config.get(setting):
                yield self.finding(
                    f"{setting} is on.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is true"),),
                    fix=f"Take {setting} out of the configuration; set it on your own machine when you need it.",
                )
                return
        for database in app.details.get("databases", ()):
            if database["echo"]:
                yield self.finding(
                    f"The engine {database['bind'] or 'of the application'} logs its statements.",
                    evidence=(Evidence("setting", f"{database['dialect']} engine with echo"),),
                    fix="Make the engine without echo.",
                )
