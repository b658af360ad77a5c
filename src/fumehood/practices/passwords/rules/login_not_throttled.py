from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import CodeCheck, Program, Route
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.engines.live.facts import is_login
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.access.reading import authenticates, is_authentication_route, login_routes

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_MAKES = re.compile(r"regist|creat|add|new|user|account|passw|pw|install|setup|config|connect", re.IGNORECASE)
_LIMITERS = ("flask_limiter", "fumehood", "limits", "slowapi", "flask_ipban", "ratelimit", "flask_recaptcha")


class LoginNotThrottled(Rule, LiveCheck, CodeCheck, AttackCheck):
    """Passwords can be tried without limit.

    ## What it finds

    A route that takes passwords, in an application without the hood, without Flask-Limiter and without code that counts attempts.

    ## Why it is bad

    Lists of passwords that people reuse are public; a program tries thousands an hour against one login form until some fit.

    ## Example

    ```python
    from flask import Flask, request, session

    app = Flask(__name__)
    PEOPLE = {"ann": "..."}


    @app.post("/login")
    def login():
        if PEOPLE.get(request.form["name"]) == request.form["password"]:
            session["name"] = request.form["name"]
            return "welcome"
        return "no", 401
    ```

    ## Use instead

    `Fumehood(app)` throttles by account and address. With Flask-Limiter:

    ```python
    from flask import Flask, request, session
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address

    app = Flask(__name__)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    PEOPLE = {"ann": "..."}


    @app.post("/login")
    @limiter.limit("5 per minute")
    def login():
        if PEOPLE.get(request.form["name"]) == request.form["password"]:
            session["name"] = request.form["name"]
            return "welcome"
        return "no", 401
    ```

    ## References

    - [CWE-307: Improper Restriction of Excessive Authentication Attempts](https://cwe.mitre.org/data/definitions/307.html)
    - [OWASP Credential Stuffing Prevention Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Credential_Stuffing_Prevention_Cheat_Sheet.html)
    """

    id = "FH602"
    name = "login-not-throttled"
    severity = Severity.MEDIUM
    cwe = 307
    asvs = ("v5.0.0-6.3.1",)

    _COUNTS = re.compile(
        r"attempt|throttl|lock_?out|locked|rate_?limit|failed_log|login_fail|too_many|captcha", re.IGNORECASE
    )

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        if any(name.split(".")[0] in _LIMITERS for name in program.imports):
            return
        if any(self._COUNTS.search(" ".join((hook.function, *hook.names))) for hook in program.hooks):
            return
        logins = {id(route) for route in login_routes(program)}
        for route in program.routes:
            if id(route) not in logins and not self._judges_password(route, program):
                continue
            names = " ".join((*route.names, *route.decorators, *route.wrappers, *route.calls, *route.strings))
            if self._THROTTLES.search(names) or any(name.endswith((".incr", ".hit")) for name in route.calls):
                continue
            if self._COUNTS.search(names) and any(name.endswith(".count") for name in route.calls):
                continue
            if any(name.rpartition(".")[2].startswith("limit") for name in route.decorators):
                continue
            yield self.flaw(
                route,
                f"Passwords can be tried in {route.function} without limit.",
                fix="Install Fumehood(app), which throttles by account and address, or Flask-Limiter on this route.",
            )

    @staticmethod
    def _judges_password(route: Route, program: Program) -> bool:
        """A route under another name that takes a person's name and password, and makes no account."""
        if not route.changes or authenticates(route, program) or is_authentication_route(route):
            return False
        text = f"{route.rule} {route.function.removeprefix('do_').partition('_')[0]}"
        named = {"username", "email", "user", "login"} & route.strings and {
            "password",
            "passwd",
            "pwd",
        } & route.strings
        return bool(named) and not _MAKES.search(text)

    _THROTTLES = re.compile(
        r"throttl|lock_?out|is_locked|rate_?limit|too_many|captcha|max_\w*(attempt|tries)|failed_(login|attempt)|attempts_left",
        re.IGNORECASE,
    )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.hooded or app.has("limiter", "flask_limiter"):
            return
        if any(
            hook.kind == "before_request" and self._COUNTS.search(" ".join((hook.name, *hook.names)))
            for hook in app.hooks
        ):
            return
        for route in filter(is_login, app.routes):
            names = [
                *route.view.names,
                *(name for item in route.view.wrappers for name in (item.name, *item.names)),
            ]
            if self._COUNTS.search(" ".join(names)) or any(
                item.name.endswith("limit") for item in route.view.wrappers
            ):
                continue
            yield self.finding(
                f"Passwords can be tried at {route.rule} without limit.",
                location=route.view.location,
                route=f"POST {route.rule}",
                evidence=(
                    Evidence(
                        "route",
                        f"{route} is answered by {route.view.module}.{route.view.name}; nothing counts attempts",
                    ),
                ),
                fix="Install Fumehood(app), which throttles by account and address, or Flask-Limiter on this route.",
            )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.guessing import unthrottled
        from fumehood.engines.attack.proof import prove

        tries = 25
        if not ground.people():
            yield Unknown(
                self.id, "nobody could be signed in, so no wrong password could be told from a right one"
            )
        elif found := unthrottled(ground, tries):
            entry, answer = found
            yield self.finding(
                f"Passwords can be tried at {entry.rule} without limit.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(entry),
                route=str(entry),
                evidence=prove(
                    answer,
                    f"after {tries} wrong passwords in a row, all answered alike, the right one signs in",
                    assertion="",
                ),
                fix="Install Fumehood(app), which throttles by account and address, or Flask-Limiter on this route.",
            )
