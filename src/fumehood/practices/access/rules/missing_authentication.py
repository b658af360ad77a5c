from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import CodeCheck, Program, Route
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown
from fumehood.practices.access.reading import authenticates, is_authentication_route, knows_people

# What nobody should do without an account, whatever the other routes are like.
if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_DANGEROUS = frozenset({"command", "code", "template", "deserialise", "xml"})
_WRITES = ("Session.commit", "Session.add", "Session.delete", ".save", ".delete", ".insert_one", ".update_one", ".delete_one", "os.remove", "os.unlink", ".drop_all", ".create_all",
           "Connection.commit", "executescript", "shutil.rmtree", "subprocess.run", "subprocess.Popen")  # fmt: skip
_DESTROYS = (".drop_all", "shutil.rmtree", "executescript")
_REMOVES = (*_DESTROYS, "Session.delete", ".delete_one", ".delete_many", "os.remove", "os.unlink")
_SECRET = re.compile(
    r"(^|[_.\[])(token|otp|nonce|hash|signature|(invite|invitation|activation|verification)_(code|key))\]?$"
).search


class MissingAuthentication(Rule, CodeCheck, AttackCheck):
    """A route does something that matters without asking who the visitor is.

    ## What it finds

    In a program that has accounts: a route that changes data, or runs commands, code or parsers on what it is given, and neither has a
    decorator that asks for a person, nor a hook before it, nor a look at the session in the view. Login, sign-up, reset and the like are
    left out; one that is told a secret, or only notes that its link was followed, weighs less. Also a route whose address says that it is not for everybody (`/admin/...`, `/export`), or that
    answers with what is kept under a number, when the others of its file ask.

    ## Why it is bad

    Everybody on the internet can call it. Mostly it was forgotten: its neighbours ask.

    ## Example

    ```python
    from flask import Flask, request
    from flask_login import login_required
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    @app.post("/articles")
    @login_required
    def add():
        db.session.add(Article(text=request.form["text"]))
        db.session.commit()
        return "", 201

    @app.post("/articles/<int:number>/remove")
    def remove(number):
        db.session.delete(db.session.get(Article, number))
        db.session.commit()
        return "", 204

    class Article(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        text = db.Column(db.Text)
    ```

    ## Use instead

    ```python
    from flask import Flask
    from flask_login import login_required
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    @app.post("/articles/<int:number>/remove")
    @login_required
    def remove(number):
        db.session.delete(db.session.get(Article, number))
        db.session.commit()
        return "", 204

    class Article(db.Model):
        id = db.Column(db.Integer, primary_key=True)
    ```

    ## References

    - [CWE-306: Missing Authentication for Critical Function](https://cwe.mitre.org/data/definitions/306.html)
    - [OWASP Top 10 A01: Broken Access Control](https://owasp.org/Top10/2025/A01_2025-Broken_Access_Control/)
    """

    id = "FH760"
    name = "missing-authentication"
    severity = Severity.HIGH
    cwe = 306
    asvs = ("v5.0.0-8.2.1",)
    fix = "Ask for the person, as the routes beside it do; or say that the route is public."

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.practices.access.trespass import exposures, removals, trespasses

        people = ground.people()
        if not people:
            yield Unknown(
                self.id,
                "nobody could be signed in, so nobody's things could be asked for; name people in people.toml",
            )
            return
        yield from exposures(self, ground)
        yield from trespasses(self, ground, "")
        yield from removals(self, ground)

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        if not knows_people(program):
            return
        guarded = [authenticates(route, program) for route in program.routes if route.changes]
        usual = bool(guarded) and sum(guarded) * 2 >= len(guarded)
        for route in program.routes:
            if is_authentication_route(route) or authenticates(route, program):
                continue
            if route.sinks & _DANGEROUS and _reads_request(route):
                what = ", ".join(sorted(route.sinks & _DANGEROUS))
                yield self._flaw(
                    route,
                    f"{route.function} hands what anybody sends to a sink of the kind {what}, without asking who it is.",
                    Certainty.READ,
                )
            elif (
                _writes(route) if route.changes else _destroys(route) or (route.parameters and _stores(route))
            ):
                certainty = Certainty.READ if usual else Certainty.SUSPECTED
                severity = self.severity if usual and not _open_on_purpose(route) else Severity.MEDIUM
                yield self._flaw(
                    route,
                    f"{route.function} changes data without asking who the visitor is.",
                    certainty,
                    severity,
                )
            elif (_inside(route) or _tells(route)) and _alone(route, program):
                yield self._flaw(
                    route,
                    f"{route.function} asks nobody who they are, unlike the routes beside it.",
                    Certainty.SUSPECTED,
                    Severity.MEDIUM,
                )

    def _flaw(
        self, route: Route, message: str, certainty: Certainty, severity: Severity | None = None
    ) -> Finding:
        return self.flaw(
            route, message, certainty=certainty, severity=severity or self.severity, route=route.route
        )


def _reads_request(route: Route) -> bool:
    return bool(route.parameters) or any(name.startswith("flask.request") for name in route.reads)


def _open_on_purpose(route: Route) -> bool:
    """Whether it may well be meant for strangers: who knows a secret is let in, and a link that only notes something is for whoever follows it."""
    if any(_SECRET(name) for name in (*route.parameters, *route.reads)):
        return True
    removes = re.search(r"delete|remove|drop|purge", f"{route.rule} {route.function}", re.IGNORECASE)
    return not (route.changes or removes or any(name.endswith(_REMOVES) for name in route.calls))


def _stores(route: Route) -> bool:
    """Whether a route that only reads by its method changes what is kept: a picture that is saved to memory does not."""
    return any(
        name.endswith(_WRITES) and not name.startswith("?.") and not name.endswith((".save", ".delete"))
        for name in route.calls
    )


def _inside(route: Route) -> bool:
    """Whether its address says that it is not for everybody."""
    return (
        re.search(
            r"(^|[/_-])(admin|debug|internal|manage|staff|backup|export|console|dashboard)([/_-]|$)",
            route.rule,
        )
        is not None
    )


def _tells(route: Route) -> bool:
    """Whether it answers with what is kept of the object of a number that anybody may count up, as data and not as a page to read."""
    numbers = [name for name in route.parameters if re.search(r"(^|_)(id|uid|pk|number)$", name)]
    asked = {entry.partition("\t")[0] for entry in route.objects}
    return "answer" in route.sinks and not route.templates and not asked.isdisjoint(numbers)


def _alone(route: Route, program: Program) -> bool:
    """Whether all the other routes of its file ask who the visitor is, but those to sign in."""
    beside = [
        one
        for one in program.routes
        if one.location.path == route.location.path
        and one.location != route.location
        and not is_authentication_route(one)
        and one.rule not in ("/", "")
    ]
    asking = sum(authenticates(one, program) for one in beside)
    return asking >= 2 and asking * 4 >= len(beside) * 3


def _destroys(route: Route) -> bool:
    return any(name.endswith(_DESTROYS) for name in route.calls)


def _writes(route: Route) -> bool:
    return any(name.endswith(_WRITES) for name in route.calls)
