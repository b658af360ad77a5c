from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class MethodOverrideByGet(Rule, AttackCheck):
    """A GET request passes for another method.

    ## What it finds

    By attack: a route that changes the database when a GET request says, by a header or a field such as `_method`, that it is a POST, PUT, PATCH or DELETE.

    ## Why it is bad

    A link is enough then to change something in a visitor's name: CSRF protection does not look at GET requests, and caches and logs take them lightly.

    ## Example

    ```python
    import sqlite3

    from flask import Flask, request

    app = Flask(__name__)
    db = sqlite3.connect(app.root_path + "/notes.db", check_same_thread=False, isolation_level=None)
    db.execute("CREATE TABLE IF NOT EXISTS notes (title TEXT)")

    class Override:
        def __init__(self, wsgi):
            self.wsgi = wsgi

        def __call__(self, environ, start_response):
            environ["REQUEST_METHOD"] = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", environ["REQUEST_METHOD"])
            return self.wsgi(environ, start_response)

    app.wsgi_app = Override(app.wsgi_app)

    @app.post("/notes")
    def add():
        db.execute("INSERT INTO notes VALUES (?)", (request.values.get("title", ""),))
        return "added"
    ```

    ## Use instead

    ```python
    import sqlite3

    from flask import Flask, request

    app = Flask(__name__)
    db = sqlite3.connect(app.root_path + "/notes.db", check_same_thread=False, isolation_level=None)
    db.execute("CREATE TABLE IF NOT EXISTS notes (title TEXT)")

    class Override:
        def __init__(self, wsgi):
            self.wsgi = wsgi

        def __call__(self, environ, start_response):
            wanted = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "")
            if environ["REQUEST_METHOD"] == "POST" and wanted in {"PUT", "PATCH", "DELETE"}:
                environ["REQUEST_METHOD"] = wanted
            return self.wsgi(environ, start_response)

    app.wsgi_app = Override(app.wsgi_app)

    @app.post("/notes")
    def add():
        db.execute("INSERT INTO notes VALUES (?)", (request.values.get("title", ""),))
        return "added"
    ```

    ## References

    - [CWE-650: Trusting HTTP Permission Methods on the Server Side](https://cwe.mitre.org/data/definitions/650.html)
    - [Flask: Method overrides](https://flask.palletsprojects.com/en/stable/patterns/methodoverrides/)
    """

    id = "FH508"
    name = "method-override-by-get"
    severity = Severity.MEDIUM
    cwe = 650
    asvs = ("v5.0.0-3.5.3",)

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.overridden import overridden
        from fumehood.engines.attack.proof import prove

        for found in overridden(ground):
            yield self.finding(
                f"A GET request that says {found.by}: {found.entry.method} changes what {found.entry} changes.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                evidence=prove(
                    found.answer,
                    f"the GET request with {found.by}: {found.entry.method} changed the database",
                    assertion="",
                ),
                fix="Let only POST requests name another method.",
            )
