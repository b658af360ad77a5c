from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class SessionOutlivesPassword(Rule, AttackCheck):
    """A new password leaves other sessions signed in.

    ## What it finds

    By attack: a route that changes the password, after which another session of the same person, signed in with the old one, still opens pages.

    ## Why it is bad

    People change their password because somebody else may know it. That somebody stays signed in.

    ## Example

    ```python
    from flask import Flask, abort, request, session

    app = Flask(__name__)
    app.secret_key = "for this example only"
    PEOPLE = {}

    @app.post("/register")
    def register():
        PEOPLE[request.form["username"]] = request.form["password"]
        return "welcome"

    @app.post("/login")
    def login():
        if PEOPLE.get(request.form["username"]) != request.form["password"]:
            abort(403)
        session["name"] = request.form["username"]
        return "in"

    @app.get("/mine")
    def mine():
        return session.get("name") or abort(401)

    @app.post("/password")
    def change_password():
        if PEOPLE.get(mine()) != request.form["old_password"]:
            abort(403)
        PEOPLE[mine()] = request.form["new_password"]
        return "changed"
    ```

    ## Use instead

    ```python
    from flask import Flask, abort, request, session

    app = Flask(__name__)
    app.secret_key = "for this example only"
    PEOPLE, CHANGES = {}, {}

    @app.post("/register")
    def register():
        PEOPLE[request.form["username"]] = request.form["password"]
        return "welcome"

    @app.post("/login")
    def login():
        if PEOPLE.get(request.form["username"]) != request.form["password"]:
            abort(403)
        session["name"] = request.form["username"]
        session["since"] = CHANGES.get(session["name"], 0)
        return "in"

    @app.get("/mine")
    def mine():
        if "name" not in session or session["since"] != CHANGES.get(session["name"], 0):
            abort(401)
        return session["name"]

    @app.post("/password")
    def change_password():
        if PEOPLE.get(mine()) != request.form["old_password"]:
            abort(403)
        PEOPLE[mine()] = request.form["new_password"]
        session["since"] = CHANGES[session["name"]] = CHANGES.get(session["name"], 0) + 1
        return "changed"
    ```

    ## References

    - [CWE-613: Insufficient Session Expiration](https://cwe.mitre.org/data/definitions/613.html)
    - [Flask-Login: alternative tokens](https://flask-login.readthedocs.io/en/latest/#alternative-tokens)
    """

    id = "FH769"
    name = "session-outlives-password"
    severity = Severity.LOW
    cwe = 613
    asvs = ("v5.0.0-7.4.3",)
    together = "sessions"

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.lifetime import changes_password, survivors
        from fumehood.engines.attack.proof import prove

        for found in survivors(ground, changes_password, new_password=True):
            yield self.finding(
                "A session that was signed in with the old password is still good after it was changed.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                evidence=prove(
                    found.answer,
                    f"after {found.entry}, another session of the person opened {found.answer.wanted.path}",
                    assertion="",
                ),
                fix="Keep a part of the session that changes with the password, as Flask-Security's fs_uniquifier; Fumehood(app, db=..., user=...) does.",
            )
