from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.engines.live.facts import Route
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.access.recognition import is_entrance, is_guarded


class UnguardedRoute(Rule, LiveCheck):
    """A route asks for nobody where its siblings do.

    ## What it finds

    A route that changes something and has no guard (no decorator, hook or check that asks who is there) in a module whose other
    routes that change something have one. Logins, registrations and the like are left out.

    ## Why it is bad

    A forgotten decorator is the most common way in which a route is open to everybody, and nothing shows it.

    ## Example

    ```python
    from functools import wraps

    from flask import Flask, abort, session

    app = Flask(__name__)


    def login_required(view):
        @wraps(view)
        def asks(*args, **kwargs):
            if "name" not in session:
                abort(401)
            return view(*args, **kwargs)

        return asks


    @app.post("/notes")
    @login_required
    def add():
        return "added"


    @app.delete("/notes/<int:number>")
    def remove(number):
        return "removed"
    ```

    ## Use instead

    `Fumehood(app)` refuses routes that do not say who may come. By hand:

    ```python
    from functools import wraps

    from flask import Flask, abort, session

    app = Flask(__name__)


    def login_required(view):
        @wraps(view)
        def asks(*args, **kwargs):
            if "name" not in session:
                abort(401)
            return view(*args, **kwargs)

        return asks


    @app.post("/notes")
    @login_required
    def add():
        return "added"


    @app.delete("/notes/<int:number>")
    @login_required
    def remove(number):
        return "removed"
    ```

    ## References

    - [CWE-862: Missing Authorization](https://cwe.mitre.org/data/definitions/862.html)
    - [OWASP Authorization Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Authorization_Cheat_Sheet.html)
    """

    id = "FH701"
    name = "unguarded-route"
    severity = Severity.HIGH
    cwe = 862
    asvs = ("v5.0.0-8.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.hooded:
            return  # the hood refuses what is not declared
        modules: dict[str, list[Route]] = {}
        for route in app.own_routes:
            if route.changes_state and not is_entrance(route):
                modules.setdefault(route.view.module, []).append(route)
        for routes in modules.values():
            guarded = [route for route in routes if is_guarded(route, app)]
            for route in routes:
                if guarded and route not in guarded and len(guarded) * 2 >= len(routes):
                    yield self.finding(
                        f"{route} asks for nobody, while {guarded[0]} beside it does.",
                        location=route.view.location,
                        route=str(route),
                        evidence=(
                            Evidence("route", f"{route} ({route.view.name}) has no guard"),
                            *(
                                Evidence("route", f"{item} ({item.view.name}) has one")
                                for item in guarded[:3]
                            ),
                        ),
                        fix="Say who may come: the decorator of its siblings, or @hood.public when it is meant for everybody.",
                    )
