from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class PrivatePageShared(Rule, AttackCheck):
    """A page that is for one person is kept for others.

    ## What it finds

    By attack: a page that nobody is refused at first and given after its owner has asked for it; a person who is given another's page; and a page of one person's with
    `Cache-Control: public` or `s-maxage`, without `Vary: Cookie`.

    ## Why it is bad

    The application's own cache, or one on the way, gives out what the first visitor was shown: accounts, orders, tokens.

    ## Example

    ```python
    from flask import Flask, abort, request, session

    app = Flask(__name__)
    app.secret_key = "for this example only"
    PEOPLE, PAGES = {}, {}

    @app.before_request
    def from_cache():
        return PAGES.get(request.path)

    @app.after_request
    def into_cache(response):
        if request.path == "/mine" and response.status_code == 200:
            PAGES[request.path] = response.get_data(as_text=True)
        return response

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
        return "what belongs to " + (session.get("name") or abort(401))
    ```

    ## Use instead

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
        answer = app.make_response("what belongs to " + (session.get("name") or abort(401)))
        answer.cache_control.no_store = True
        return answer
    ```

    ## References

    - [CWE-524: Use of Cache Containing Sensitive Information](https://cwe.mitre.org/data/definitions/524.html)
    - [RFC 9111: HTTP Caching](https://www.rfc-editor.org/rfc/rfc9111)
    """

    id = "FH768"
    name = "private-page-shared"
    severity = Severity.HIGH
    cwe = 524
    asvs = ("v5.0.0-14.2.2", "v5.0.0-14.3.2")

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.proof import prove
        from fumehood.engines.attack.shared import shared_pages

        for found in shared_pages(ground):
            yield self.finding(
                f"A page that is for one person is {'given to others' if found.proved else 'kept by any cache on the way'}.",
                severity=self.severity if found.proved else Severity.MEDIUM,
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                evidence=prove(found.answer, found.shown, assertion=""),
                fix="Send Cache-Control: no-store, and make the person a part of the cache's key.",
            )
