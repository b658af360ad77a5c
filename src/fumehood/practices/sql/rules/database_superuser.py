from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.sql.addresses import database_urls


class DatabaseSuperuser(Rule, LiveCheck):
    """The application is the database's superuser.

    ## What it finds

    A database address whose user is `postgres`, `root`, `sa` or `sys`.

    ## Why it is bad

    An injection in one query then reaches every database of the server, its files, and on some servers a shell.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://postgres:kFz81jQw@localhost/shop"
    ```

    ## Use instead

    A user that owns this database and nothing else:

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://shop:kFz81jQw@localhost/shop"
    ```

    ## References

    - [CWE-250: Execution with Unnecessary Privileges](https://cwe.mitre.org/data/definitions/250.html)
    - [OWASP Database Security Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Database_Security_Cheat_Sheet.html)
    """

    id = "FH806"
    name = "database-superuser"
    severity = Severity.MEDIUM
    cwe = 250
    asvs = ("v5.0.0-13.2.2",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, url in database_urls(app):
            if url.username in {"postgres", "root", "sa", "sys", "system"}:
                yield self.finding(
                    f"{setting} logs in as {url.username}, the server's superuser.",
                    location=app.place(setting),
                    evidence=(
                        Evidence(
                            "setting", f"{setting} is {url.scheme}://{url.username}:...@{url.hostname}/..."
                        ),
                    ),
                    fix="Make a database user that owns the application's database only.",
                )
