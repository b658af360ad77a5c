from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from fumehood.engines.code import Assign, Call, CodeCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown

# A configuration that says of itself that it is not for production.
_OWN_MACHINE = re.compile(r"dev|test|local", re.IGNORECASE)
# A branch that somebody has to choose.
_SWITCH = re.compile(r"debug|dev|local|prod|test", re.IGNORECASE)

_SHOWN = re.compile(r"(^|/)(examples?|demos?|docs?|documentation|samples?|tutorials?)/", re.IGNORECASE)


class DebugMode(Rule, LiveCheck, CodeCheck):
    """The application is configured to run in debug or test mode.

    ## What it finds

    `DEBUG` or `TESTING` switched on in the application's own configuration, `app.debug = True`, and servers started with `debug=True`, unless the
    configuration is named for development or tests, or a branch asks for it. `app.run(debug=True)` on the own machine's address,
    and examples, weigh less.

    ## Why it is bad

    In debug mode an error shows the source and the values around it, and Werkzeug's console runs any Python that a visitor types once
    they have its PIN. In test mode, errors propagate and extensions switch checks off.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["DEBUG"] = True
    ```

    ## Use instead

    Say it when starting, on your own machine only: `flask run --debug`.

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [CWE-489: Active Debug Code](https://cwe.mitre.org/data/definitions/489.html)
    - [Flask: debug mode](https://flask.palletsprojects.com/en/stable/config/#DEBUG)
    """

    id = "FH310"
    name = "debug-mode"
    severity = Severity.HIGH
    cwe = 489
    asvs = ("v5.0.0-13.4.2", "v5.0.0-15.2.3")
    calls = (
        "flask.Flask.run",
        "connexion.App.run",
        "connexion.FlaskApp.run",
        "flask_socketio.SocketIO.run",
        "*.run",
        "werkzeug.serving.run_simple",
        "werkzeug.debug.DebuggedApplication",
    )
    assigns = ("flask.Flask.debug", "flask.Flask.config[DEBUG]")
    fix = "Take it out; on your own machine there is flask run --debug."

    def call(self, call: Call) -> Iterator[Finding]:
        if any(_SWITCH.search(test) for test in call.tests) or _asks(call):
            return
        if call.name == "werkzeug.debug.DebuggedApplication":
            if _OWN_MACHINE.search(f"{call.location.path.rpartition('/')[2]} {call.location.scope}"):
                return
            yield self.flaw(call, "Werkzeug's debugger is put around the application.")
        elif call.name == "werkzeug.serving.run_simple":
            if call["use_debugger"].may_be(True):
                yield self.flaw(call, "The server is started with the debugger.")
        elif call["2|debug" if call.name == "flask.Flask.run" else "debug"].may_be(True, 1) or call[
            "use_debugger"
        ].may_be(True):
            certainty = Certainty.SUSPECTED if call.name.startswith("?.") else Certainty.READ
            yield self.flaw(
                call, "The server is started in debug mode.", certainty=certainty, severity=self._weight(call)
            )

    def _weight(self, call: Call) -> Severity:
        """On the own machine's address, which is the default, nobody else gets at it: how people try an application."""
        host = call["0|host"]
        own = host.constant in ("127.0.0.1", "localhost", "::1") or (
            not host and not call.name.startswith("?.")
        )
        return Severity.MEDIUM if own or _SHOWN.search(call.location.path) else self.severity

    def assign(self, assign: Assign) -> Iterator[Finding]:
        place = assign.location
        if any(_SWITCH.search(test) for test in assign.tests):
            return
        if assign.value.constant is True and not _OWN_MACHINE.search(
            f"{place.path.rpartition('/')[2]} {place.scope}"
        ):
            severity = Severity.MEDIUM if _SHOWN.search(place.path) else self.severity
            yield self.flaw(assign, "Debug mode is switched on.", severity=severity)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, on, severity in (
            ("DEBUG", app.debug, Severity.HIGH),
            ("TESTING", app.testing, Severity.MEDIUM),
        ):
            if on:
                yield self.finding(
                    f"The application runs with {setting} on.",
                    severity=severity,
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is true"),),
                    fix=f"Take {setting} out of the configuration; for your own machine there is flask run --debug.",
                )


def _asks(call: Call) -> bool:
    """Whether it is written beside the call what decides: ``debug=True if args.debug else None``."""
    written = [
        item.value for item in getattr(call.node, "keywords", ()) if item.arg in ("debug", "use_debugger")
    ]
    return any(isinstance(item, ast.IfExp) and _SWITCH.search(ast.unparse(item.test)) for item in written)
