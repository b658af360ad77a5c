from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import CodeCheck, Program
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown
from fumehood.practices.access.reading import login_routes

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_ENDS = ("flask.session.clear", "flask.session.regenerate", "flask.Flask.session_interface.regenerate")


class SessionFixation(Rule, CodeCheck, AttackCheck):
    """A session that is kept on the server goes on under the same name after the login.

    ## What it finds

    A login that writes into a session of Flask-Session without clearing it or giving it a new identifier. Flask's own sessions are in the cookie and
    have no identifier; they are not reported. By attack, whatever
    keeps it: cookies that the visitor had before open pages after the login that they did not open.

    ## Why it is bad

    Who made the victim's browser use a session that they know is logged in together with the victim.

    ## Example

    ```python
    # file: shop.py
    from flask import Flask, request, session
    from flask_session import Session

    app = Flask(__name__)
    Session(app)

    @app.post("/login")
    def login():
        if not known(request.form["name"], request.form["password"]):
            return "no", 401
        session["user"] = request.form["name"]
        return "welcome"
    ```

    ## Use instead

    ```python
    # file: shop.py
    from flask import Flask, request, session
    from flask_session import Session

    app = Flask(__name__)
    Session(app)

    @app.post("/login")
    def login():
        if not known(request.form["name"], request.form["password"]):
            return "no", 401
        app.session_interface.regenerate(session)
        session["user"] = request.form["name"]
        return "welcome"
    ```

    ## References

    - [CWE-384: Session Fixation](https://cwe.mitre.org/data/definitions/384.html)
    - [OWASP: Session Management Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html#renew-the-session-id-after-any-privilege-level-change)
    """

    id = "FH766"
    name = "session-fixation"
    severity = Severity.MEDIUM
    cwe = 384
    asvs = ("v5.0.0-7.2.4",)
    fix = "Call app.session_interface.regenerate(session) when somebody logs in."
    together = "sessions"

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        if not any(
            name.split(".")[0] in ("flask_session", "flask_sessionstore", "flask_kvsession")
            for name in program.imports
        ):
            return
        for route in login_routes(program):
            writes = any(name.startswith("flask.session[") for name in route.writes)
            if writes and not any(name.endswith((*_ENDS, "session.regenerate")) for name in route.calls):
                yield self.flaw(
                    route,
                    f"{route.function} logs in without a new session.",
                    certainty=Certainty.SUSPECTED,
                )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.lifetime import planted
        from fumehood.engines.attack.proof import prove

        for found in planted(ground):
            yield self.finding(
                "Cookies that a visitor had before signing in are signed in with them.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                evidence=prove(
                    found.answer,
                    f"after {found.entry} in one browser, a copy of its earlier cookies opened {found.answer.wanted.path}",
                    assertion="",
                ),
                severity=Severity.HIGH,
                fix=self.fix,
            )
