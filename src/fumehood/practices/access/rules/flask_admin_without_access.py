from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class FlaskAdminWithoutAccess(Rule, LiveCheck):
    """Flask-Admin lets anybody in.

    ## What it finds

    Views of Flask-Admin whose class does not define `is_accessible`, so that Flask-Admin's own answers: yes, to everybody.

    ## Why it is bad

    Flask-Admin shows and changes whole tables.

    ## Example

    ```python
    from flask import Flask
    from flask_admin import Admin, BaseView, expose

    app = Flask(__name__)


    class Tables(BaseView):
        @expose("/")
        def index(self):
            return "all tables"


    Admin(app).add_view(Tables(endpoint="tables"))
    ```

    ## Use instead

    ```python
    from flask import Flask, session
    from flask_admin import Admin, BaseView, expose

    app = Flask(__name__)


    class Tables(BaseView):
        def is_accessible(self):
            return session.get("role") == "admin"

        @expose("/")
        def index(self):
            return "all tables"


    Admin(app).add_view(Tables(endpoint="tables"))
    ```

    ## References

    - [Flask-Admin: authorisation and permissions](https://flask-admin.readthedocs.io/en/latest/introduction/#authorization-permissions)
    - [CWE-306: Missing Authentication for Critical Function](https://cwe.mitre.org/data/definitions/306.html)
    """

    id = "FH703"
    name = "flask-admin-without-access"
    severity = Severity.CRITICAL
    cwe = 306
    asvs = ("v5.0.0-8.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.hooded:
            return
        opened = [
            view
            for view in app.details.get("admin", ())
            if not view["guarded"] and view["class"] != "AdminIndexView"
        ]
        if opened:
            yield self.finding(
                f"{len(opened)} views of Flask-Admin let anybody in.",
                evidence=tuple(
                    Evidence("route", f"{view['class']} at {view['url']} has no is_accessible")
                    for view in opened[:10]
                ),
                fix="Give them a base class whose is_accessible asks who is there.",
            )
